import { describe, expect, test } from "vitest";
import { agent } from "#foundation/agents";
import type { AgentDefinition, Overflow, Ref } from "#foundation/agents";
import { codeOf, Lab, settle } from "./support/lab.ts";

type Message = string | { readonly ask: string };

/** Handles nothing until the gate opens, then keeps what it was sent. */
function gated(overflow: Overflow, capacity = 2): { definition: AgentDefinition<string[], Message>; open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const definition = agent<string[], Message>({
    name: "gated",
    mailbox: { capacity, overflow },
    init: () => [],
    handle: async (message, seen, context) => {
      await promise;
      if (typeof message === "string") return [...seen, message];
      context.reply(seen.join());
      return seen;
    },
  });
  return { definition, open: resolve };
}

/** One message at hand, the mailbox full of two more. */
async function full(overflow: Overflow): Promise<{ lab: Lab; ref: Ref<Message>; open: () => void }> {
  const lab = new Lab();
  const { definition, open } = gated(overflow);
  const ref = (await lab.runtime.start(definition, undefined)) as Ref<Message>;
  ref.send("first");
  await settle();
  ref.send("a");
  ref.send("b");
  return { lab, ref, open };
}

async function seen(ref: Ref<Message>): Promise<string[]> {
  await settle();
  return ref.state<string[]>();
}

describe("a full mailbox", () => {
  test.each(["block", "drop_new", "drop_old", "fail"] as const)(
    "X12 %s: a call fails at once, and the overflow is reported",
    async (overflow) => {
      const { lab, ref, open } = await full(overflow);
      if (overflow !== "drop_old") expect(await codeOf(ref.call({ ask: "x" }))).toBe("mailbox_full");
      ref.send("c");
      expect(lab.events.find(({ type }) => type === "mailbox_overflow")).toMatchObject({ policy: overflow });
      open();
    },
  );

  test("X12 drop_old: a call does not evict either", async () => {
    const { ref, open } = await full("drop_old");
    expect(await codeOf(ref.call({ ask: "x" }))).toBe("mailbox_full");
    open();
    expect(await seen(ref)).toEqual(["first", "a", "b"]);
  });

  test("X12 block: a send is refused, posts wait in their order", async () => {
    const { ref, open } = await full("block");
    expect(ref.send("c")).toBe(false);
    const posts = ["c", "d", "e"].map((message) => ref.post(message));
    open();
    await Promise.all(posts);
    expect(await seen(ref)).toEqual(["first", "a", "b", "c", "d", "e"]);
  });

  test("X12 block: a post that is given up makes place for the next", async () => {
    const { ref, open } = await full("block");
    const controller = new AbortController();
    const given = ref.post("c", { signal: controller.signal }).catch((reason: unknown) => reason);
    const next = ref.post("d");
    controller.abort("enough");
    expect(await given).toBe("enough");
    open();
    await next;
    expect(await seen(ref)).toEqual(["first", "a", "b", "d"]);
  });

  test("X12 block: posts that wait fail when the agent ends", async () => {
    const { ref } = await full("block");
    const post = codeOf(ref.post("c"));
    ref.cell.exit({ kind: "killed" });
    expect(await post).toBe("noproc");
  });

  test("X12 drop_new: the new one is dropped", async () => {
    const { ref, open } = await full("drop_new");
    expect(ref.send("c")).toBe(false);
    expect(await codeOf(ref.post("d"))).toBe("ok");
    open();
    expect(await seen(ref)).toEqual(["first", "a", "b"]);
  });

  test("X12 drop_old: the oldest is dropped; a call that waited fails", async () => {
    const lab = new Lab();
    const { definition, open } = gated("drop_old");
    const ref = (await lab.runtime.start(definition, undefined)) as Ref<Message>;
    ref.send("first");
    await settle();
    const call = codeOf(ref.call({ ask: "x" }));
    ref.send("a");
    expect(ref.send("b")).toBe(true);
    expect(await call).toBe("mailbox_full");
    open();
    expect(await seen(ref)).toEqual(["first", "a", "b"]);
  });

  test("X12 fail: send and post are refused", async () => {
    const { ref, open } = await full("fail");
    expect(ref.send("c")).toBe(false);
    expect(await codeOf(ref.post("c"))).toBe("mailbox_full");
    open();
    expect(await seen(ref)).toEqual(["first", "a", "b"]);
  });

  test("drop_old never drops the word of a monitored agent's end", async () => {
    const lab = new Lab();
    const { promise, resolve } = Promise.withResolvers<void>();
    const other = (await lab.runtime.start(gated("block").definition, undefined)) as Ref<Message>;
    const watching = (await lab.runtime.start(
      agent<string[], string>({
        name: "watching",
        mailbox: { capacity: 1, overflow: "drop_old" },
        init: () => [],
        handle: async (message, state, context) => {
          if (message === "watch") context.monitor(other, () => "down");
          await promise;
          return [...state, message];
        },
      }),
      undefined,
    )) as Ref<string>;
    watching.send("watch");
    await settle();
    other.cell.exit({ kind: "killed" });
    for (const message of ["a", "b", "c"]) watching.send(message);
    resolve();
    await settle();
    expect(await watching.state()).toEqual(["watch", "down", "c"]);
  });
});

describe("the order of messages", () => {
  type Step = "go" | "later" | "twice" | "x" | "y" | "z";
  const machine = agent<{ readonly isOpen: boolean; readonly seen: readonly string[] }, Step>({
    name: "machine",
    init: (_, context) => {
      context.next("y");
      context.next("z");
      return { isOpen: false, seen: [] };
    },
    handle: (message, state, context) => {
      if (message === "later" && !state.isOpen) {
        context.postpone();
        return state;
      }
      if (message === "twice") {
        context.next("y");
        context.next("z");
        return state;
      }
      return { isOpen: state.isOpen || message === "go", seen: [...state.seen, message] };
    },
  });
  const seenBy = async (ref: Ref<Step>): Promise<readonly string[]> => {
    await settle();
    return (await ref.state<{ readonly seen: readonly string[] }>()).seen;
  };

  test("R8 what init puts first comes before the first message", async () => {
    const lab = new Lab();
    const ref = (await lab.runtime.start(machine, undefined)) as Ref<Step>;
    ref.send("x");
    expect(await seenBy(ref)).toEqual(["y", "z", "x"]);
  });

  test("R17 the postponed come back after the next change of state, in their order, before newer ones", async () => {
    const lab = new Lab();
    const ref = (await lab.runtime.start(machine, undefined)) as Ref<Step>;
    await settle();
    for (const message of ["later", "later", "go", "x"] as const) ref.send(message);
    expect(await seenBy(ref)).toEqual(["y", "z", "go", "later", "later", "x"]);
  });

  test("R17 several put first keep their order, before all that wait", async () => {
    const lab = new Lab();
    const ref = (await lab.runtime.start(machine, undefined)) as Ref<Step>;
    await settle();
    ref.send("twice");
    ref.send("x");
    expect(await seenBy(ref)).toEqual(["y", "z", "y", "z", "x"]);
  });

  test("messages of one sender come in their order, with many waiting", async () => {
    const lab = new Lab();
    const keeper = agent<number[], number>({
      name: "keeper",
      init: () => [],
      handle: (message, state) => (state.push(message), state),
    });
    const ref = (await lab.runtime.start(keeper, undefined)) as Ref<number>;
    for (let message = 0; message < 5000; message++) ref.send(message);
    await settle();
    expect(await ref.state()).toEqual(Array.from({ length: 5000 }, (_, index) => index));
  });
});

describe("fairness", () => {
  test("an agent that feeds itself leaves every turn of the event loop in bounded time", async () => {
    const lab = new Lab();
    let handled = 0;
    const hungry = agent<null, null>({
      name: "hungry",
      init: () => null,
      handle: (_, state, { self }) => {
        handled++;
        self.send(null);
        return state;
      },
    });
    const ref = (await lab.runtime.start(hungry, undefined)) as Ref<null>;
    ref.send(null);
    const perTurn: number[] = [];
    for (let turn = 0; turn < 20; turn++) {
      const before = handled;
      await new Promise((resolve) => setImmediate(resolve));
      perTurn.push(handled - before);
    }
    expect(Math.max(...perTurn)).toBeLessThanOrEqual(2048);
    expect(handled).toBeGreaterThan(5000);
    ref.cell.exit({ kind: "killed" });
  });

  test("two that feed each other do, too, and a third gets its turn", async () => {
    const lab = new Lab();
    let handled = 0;
    const hungry = agent<null, Ref<never>>({
      name: "hungry",
      init: () => null,
      handle: async (other, state, { self }) => {
        handled++;
        await Promise.resolve();
        (other as Ref<unknown>).send(self);
        return state;
      },
    });
    const one = (await lab.runtime.start(hungry, undefined)) as Ref<Ref<never>>;
    const two = (await lab.runtime.start(hungry, undefined)) as Ref<Ref<never>>;
    one.send(two);
    const { definition, open } = gated("block");
    open();
    const third = (await lab.runtime.start(definition, undefined)) as Ref<Message>;
    expect(await third.call({ ask: "x" })).toBe("");
    for (let turn = 0; turn < 5; turn++) {
      const before = handled;
      await new Promise((resolve) => setImmediate(resolve));
      expect(handled - before).toBeLessThanOrEqual(2048);
    }
    for (const ref of [one, two]) ref.cell.exit({ kind: "killed" });
  });
});
