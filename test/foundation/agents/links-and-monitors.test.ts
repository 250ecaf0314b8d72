import { describe, expect, test } from "vitest";
import { agent, crash, killed, normal, shutdown } from "#foundation/agents";
import type { ExitReason, Ref } from "#foundation/agents";
import { Lab, settle } from "./support/lab.ts";

type Message = { readonly link: Ref<never> } | { readonly unlink: Ref<never> } | string;

async function start(lab: Lab, name: string, trapsExits = false): Promise<Ref<Message>> {
  const ref = await lab.runtime.start(
    agent<string[], Message>({
      name,
      init: () => [],
      handle: (message, seen, context) => {
        if (typeof message === "string") return [...seen, message];
        if ("link" in message) context.link(message.link);
        else context.unlink(message.unlink);
        return seen;
      },
      ...(trapsExits ? { exit: (_, reason, seen) => [...seen, reason.kind] } : {}),
      terminate: () => void lab.log.push(`clean ${name}`),
    }),
    undefined,
  );
  return ref as Ref<Message>;
}

async function linked(lab: Lab, trapsExits: boolean): Promise<[Ref<Message>, Ref<Message>]> {
  const [a, b] = [await start(lab, "a"), await start(lab, "b", trapsExits)];
  a.send({ link: b as Ref<never> });
  b.send({ link: a as Ref<never> });
  await settle();
  return [a, b];
}

const reasons: ExitReason[] = [normal, shutdown, killed, crash(new Error("x"))];

describe("links", () => {
  test.each(reasons)("R2 one that does not trap ends with the same reason, but for normal: %o", async (reason) => {
    const lab = new Lab();
    const [a, b] = await linked(lab, false);
    a.cell.exit(reason);
    await settle();
    expect(b.isAlive).toBe(reason.kind === "normal");
    if (reason.kind !== "normal") expect(lab.ends("b")).toEqual([reason.kind]);
  });

  test("R1 a kill does not go on as a kill: the peer cleans up", async () => {
    const lab = new Lab();
    const [a] = await linked(lab, false);
    a.cell.exit(killed);
    await settle();
    expect(lab.log).toEqual(["clean b"]);
  });

  test.each(reasons)("R2 one that traps hears of every end, once: %o", async (reason) => {
    const lab = new Lab();
    const [a, b] = await linked(lab, true);
    a.cell.exit(reason);
    await settle();
    expect(await b.state()).toEqual([reason.kind]);
  });

  test("R2 a link to nobody is a noproc", async () => {
    const lab = new Lab();
    const gone = await start(lab, "gone");
    gone.cell.exit(killed);
    const [plain, trapping] = [await start(lab, "plain"), await start(lab, "trapping", true)];
    for (const ref of [plain, trapping]) ref.send({ link: gone as Ref<never> });
    await settle();
    expect(plain.isAlive).toBe(false);
    expect(await trapping.state()).toEqual(["noproc"]);
  });

  test("R2 what is unlinked does not go on", async () => {
    const lab = new Lab();
    const [a, b] = await linked(lab, false);
    b.send({ unlink: a });
    await settle();
    a.cell.exit(killed);
    await settle();
    expect(b.isAlive).toBe(true);
  });
});

describe("monitors", () => {
  test("R3 each hears exactly once, also when set twice; of the dead, noproc", async () => {
    const lab = new Lab();
    const ref = await start(lab, "a");
    const heard: string[] = [];
    const hear = (reason: { kind: string }) => void heard.push(reason.kind);
    ref.monitor(hear);
    ref.monitor(hear);
    ref.cell.exit(shutdown);
    await settle();
    ref.monitor(hear);
    expect(heard).toEqual(["shutdown", "shutdown"]);
    await settle();
    expect(heard).toEqual(["shutdown", "shutdown", "noproc"]);
  });

  test("R3 one that is taken back hears nothing, also of the dead and from another monitor's callback", async () => {
    const lab = new Lab();
    const [a, b] = [await start(lab, "a"), await start(lab, "b")];
    const heard: string[] = [];
    a.monitor(() => second[Symbol.dispose]());
    const second = a.monitor(() => heard.push("second"));
    a.cell.exit(killed);
    b.cell.exit(killed);
    b.monitor(() => heard.push("dead"))[Symbol.dispose]();
    await settle();
    expect(heard).toEqual([]);
  });

  test("a monitor that throws harms nobody", async () => {
    const lab = new Lab();
    const ref = await start(lab, "a");
    const heard: string[] = [];
    const fail = (): never => {
      throw new Error("monitor");
    };
    ref.monitor(fail);
    ref.monitor(() => heard.push("second"));
    ref.cell.exit(killed);
    ref.monitor(fail);
    await settle();
    expect(heard).toEqual(["second"]);
    expect(lab.count("listener_failed")).toBe(2);
  });

  test("R4 an agent hears of the end after all that the other had sent, and no more once it takes that back", async () => {
    const lab = new Lab();
    const watching = (await lab.runtime.start(
      agent<string[], string | Ref<string>>({
        name: "watching",
        init: () => [],
        handle: (message, seen, context) => {
          if (typeof message !== "string") context.monitor(message, ({ kind }) => `down ${kind}`);
          return typeof message === "string" ? [...seen, message] : seen;
        },
      }),
      undefined,
    )) as Ref<string | Ref<string>>;
    const talking = (await lab.runtime.start(
      agent<null, string>({
        name: "talking",
        init: () => null,
        handle: () => {
          for (const word of ["one", "two"]) watching.send(word);
          throw new Error("dies");
        },
      }),
      undefined,
    )) as Ref<string>;
    watching.send(talking);
    await settle();
    talking.send("go");
    await settle();
    expect(await watching.state()).toEqual(["one", "two", "down crash"]);
  });
});
