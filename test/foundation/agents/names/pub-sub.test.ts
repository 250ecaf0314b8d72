import { afterEach, describe, expect, test } from "vitest";
import { agent, AgentRuntime, Groups, killed, PubSub, swap } from "#foundation/agents";
import type { AgentDefinition, AgentEvent, MailboxOptions, Ref } from "#foundation/agents";
import { fakeClock } from "#testing";

const runtimes: AgentRuntime[] = [];

function openRuntime(): AgentRuntime {
  const runtime = new AgentRuntime({ clock: fakeClock() });
  runtimes.push(runtime);
  return runtime;
}

afterEach(() => {
  for (const runtime of runtimes.splice(0)) runtime[Symbol.dispose]();
});

async function startReader(
  runtime: AgentRuntime,
  read: string[] = [],
  mailbox: MailboxOptions = {},
): Promise<Ref<string>> {
  const reader = agent<string[], string>({
    name: "reader",
    init: () => read,
    handle(message) {
      read.push(message);
      return read;
    },
    mailbox,
  });
  const ref = await runtime.start(reader, undefined);
  if (ref === undefined) throw new Error("nobody started");
  return ref;
}

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

describe("publishing", () => {
  test("reaches the agents and the listeners of the topic, and nobody else", async () => {
    const runtime = openRuntime();
    const news = new PubSub<string>(runtime);
    const [read, heard, elsewhere]: string[][] = [[], [], []];
    news.subscribe("sports", await startReader(runtime, read));
    news.subscribe("sports", (message, topic) => void heard?.push(`${topic}: ${message}`));
    news.subscribe("weather", (message) => void elsewhere?.push(message));
    expect(news.publish("sports", "1:0")).toEqual({ delivered: 2, failed: 0 });
    expect(news.publish("chess", "draw")).toEqual({ delivered: 0, failed: 0 });
    await turn();
    expect([read, heard, elsewhere]).toEqual([["1:0"], ["sports: 1:0"], []]);
  });

  test("reaches the others when one throws, rejects or has no room", async () => {
    const runtime = openRuntime();
    const news = new PubSub<string>(runtime);
    const events: AgentEvent[] = [];
    const [read, heard]: string[][] = [[], []];
    const [early, late] = [new Error("early"), new Error("late")];
    const full = await startReader(runtime, [], { capacity: 1 });
    news.subscribe("sports", full);
    news.subscribe("sports", await startReader(runtime, read));
    news.subscribe("sports", () => {
      throw early;
    });
    news.subscribe("sports", () => Promise.reject(late));
    news.subscribe("sports", (message) => void heard?.push(message));
    full.send("fills it");
    runtime.events.subscribe((event) => void (event.type === "delivery_failed" && events.push(event)));
    expect(news.publish("sports", "1:0")).toEqual({ delivered: 3, failed: 2 });
    await turn();
    expect([read, heard]).toEqual([["1:0"], ["1:0"]]);
    const failed = { type: "delivery_failed", at: 0, topic: "sports" };
    expect(events).toEqual([
      { ...failed, pid: full.pid, error: undefined },
      { ...failed, pid: undefined, error: early },
      { ...failed, pid: undefined, error: late },
    ]);
    expect(news.failed).toBe(3);
  });

  test("by an agent does not make it answer for what a listener leaves unawaited", async () => {
    const runtime = openRuntime();
    const news = new PubSub<string>(runtime);
    const editor = agent<number, string>({
      name: "editor",
      init: () => 0,
      handle(message, state) {
        news.publish("sports", message);
        return state;
      },
    });
    const ref = await runtime.start(editor, undefined);
    const stray = new Error("stray");
    news.subscribe("sports", () => {
      void Promise.reject(stray);
    });
    const events: AgentEvent[] = [];
    runtime.events.subscribe((event) => events.push(event));
    ref?.send("1:0");
    await turn();
    await turn();
    expect(events).toEqual([{ type: "delivery_failed", at: 0, topic: "sports", pid: undefined, error: stray }]);
    expect(ref?.isAlive).toBe(true);
  });

  test("does not reach who subscribes during the message, nor who has ended the subscription", () => {
    const news = new PubSub<string>(openRuntime());
    const heard: string[] = [];
    let calls = 0;
    news.subscribe("sports", () => {
      if (calls++ === 0) news.subscribe("sports", (message) => void heard.push(`late ${message}`));
      endOther();
    });
    const endOther = news.subscribe("sports", (message) => void heard.push(message));
    news.publish("sports", "1:0");
    expect(heard).toEqual([]);
    news.publish("sports", "2:0");
    expect(heard).toEqual(["late 2:0"]);
  });
});

describe("a subscription", () => {
  test("ends with its function, with its signal, and with its agent", async () => {
    const runtime = openRuntime();
    const news = new PubSub<string>(runtime);
    const stop = new AbortController();
    const ref = await startReader(runtime);
    const endOne = news.subscribe("sports", () => {});
    news.subscribe("sports", () => {}, { signal: stop.signal });
    news.subscribe("sports", ref);
    expect(news.subscribers("sports")).toBe(3);
    endOne();
    endOne();
    expect(news.subscribers("sports")).toBe(2);
    stop.abort();
    expect(news.subscribers("sports")).toBe(1);
    const seen: number[] = [];
    ref.monitor(() => seen.push(news.subscribers("sports")));
    ref.cell.exit(killed);
    expect(seen).toEqual([0]);
    expect(news.subscribe("sports", () => {}, { signal: AbortSignal.abort() })).toBeTypeOf("function");
    news.subscribe("sports", ref);
    expect(news.subscribers("sports")).toBe(0);
  });

  test("brings an agent each message once, until the last of its subscriptions has ended", async () => {
    const runtime = openRuntime();
    const news = new PubSub<string>(runtime);
    const read: string[] = [];
    const ref = await startReader(runtime, read);
    const ends = [news.subscribe("sports", ref), news.subscribe("sports", ref)];
    news.publish("sports", "1:0");
    ends[0]?.();
    ends[0]?.();
    news.publish("sports", "2:0");
    ends[1]?.();
    news.publish("sports", "3:0");
    await turn();
    expect(read).toEqual(["1:0", "2:0"]);
  });

  test("passes to the new version at a hot swap, and is one where the new version has subscribed too", async () => {
    const runtime = openRuntime();
    const news = new PubSub<string>(runtime);
    const groups = new Groups<string>(runtime);
    const read: string[] = [];
    const version = (name: string): AgentDefinition<number, string> =>
      agent<number, string>({
        name,
        init(_, { self }) {
          news.subscribe("sports", self);
          groups.join("readers", self);
          return 0;
        },
        handle: (message, state) => read.push(`${name} ${message}`) + state,
      });
    const ref = await runtime.start(version("old"), undefined);
    if (ref === undefined) throw new Error("nobody started");
    news.subscribe("weather", ref);
    const present = new Set<Ref<string>>();
    const { members } = groups.monitor("readers", ({ type, member }) => {
      if (type === "joined") present.add(member);
      else present.delete(member);
    });
    for (const member of members) present.add(member);
    expect(await swap(ref, version("new"))).toMatchObject({ ok: true });
    expect([...present]).toEqual(groups.members("readers"));
    expect(groups.members("readers").map(({ pid }) => pid)).toEqual([ref.pid]);
    expect(news.publish("sports", "1:0")).toEqual({ delivered: 1, failed: 0 });
    expect(news.publish("weather", "rain")).toEqual({ delivered: 1, failed: 0 });
    await turn();
    expect(read).toEqual(["new 1:0", "new rain"]);
    ref.cell.exit(killed);
    expect([news.subscribers("sports"), news.subscribers("weather"), groups.groups()]).toEqual([0, 0, []]);
    expect(present.size).toBe(0);
  });
});
