import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson, seededRng, UsageError } from "#foundation";
import type { Json, JsonObject, Rng } from "#foundation";
import {
  blockchain,
  blockHash,
  drawnKeys,
  establishConsensus,
  hmacSeal,
  isEquivocation,
  verifyChain,
} from "#orchestration";
import type { Block, ChainLink, ChainMessage, ChainState } from "#orchestration";
import { liar, resigned, twoFaced } from "./support/liars.ts";
import { patience, plans, play, quiet, runs } from "./support/network.ts";
import type { Run } from "./support/network.ts";

const members = ["a", "b", "c", "d"];
const seal = hmacSeal(drawnKeys(members, seededRng("chain")));
const machine = blockchain({ seal, roundMs: 40 });
const authority = { seal, chain: "tutti", members, faults: 1 };
const schedules = { numRuns: runs(250), seed: 40 };
const three = [0, 1, 2].map((member) => ({ member, at: member * 60 }));

/** Finality, no transaction twice, nobody accused who has done nothing. */
function safety(correct: readonly string[]): (run: Run) => void {
  const chain = new Map<number, string>();
  const taken = new Set<string>();
  let seen = 0;
  return (run) => {
    for (; seen < run.outcomes.length; seen++) {
      const { member, outcome } = run.outcomes[seen] as Run["outcomes"][number];
      if (!correct.includes(member)) continue;
      if (outcome.type === "equivocation") {
        if (correct.includes(outcome.proposer)) throw new Error(`${outcome.proposer} is accused wrongly`);
        if (!isEquivocation(seal, outcome.proof)) throw new Error("an accusation without proof");
      }
      if (outcome.type !== "final") continue;
      const known = chain.get(outcome.height);
      if (known !== undefined && known !== outcome.hash) throw new Error(`two blocks are final at ${outcome.height}`);
      chain.set(outcome.height, outcome.hash);
      if (known !== undefined) continue;
      for (const { by, nonce } of (outcome.block as Block).payload) {
        if (taken.has(`${by} ${nonce}`)) throw new Error(`transaction ${nonce} of ${by} twice`);
        taken.add(`${by} ${nonce}`);
      }
    }
  };
}

function included({ outcomes }: Run, correct: readonly string[]): Json[] {
  return outcomes
    .filter(({ member, outcome }) => correct.includes(member) && outcome.type === "included")
    .map(({ outcome }) => outcome.data);
}

function wished(run: Run, correct: readonly string[]): Json[] {
  return run.asked.filter(({ member }) => correct.includes(member)).map(({ request }) => request);
}

/** Everything asked for is in the chain of everybody. */
function isTogether(correct: readonly string[]): (run: Run) => boolean {
  return (run) => {
    if (run.at < 700 || included(run, correct).length < wished(run, correct).length) return false;
    const hashes = correct.map((member) => (run.states.get(member) as ChainState).head.hash);
    return new Set(hashes).size === 1;
  };
}

const sorted = (values: readonly Json[]): string[] => values.map((value) => JSON.stringify(value)).toSorted();

const lie =
  (self: string) =>
  (said: JsonObject, rng: Rng): JsonObject => {
    if (said["by"] !== self) return said;
    if (said["kind"] !== "proposal")
      return resigned(seal, self, said, rng.next() < 0.5 ? { hash: null } : { hash: "x" });
    const { sig: _, ...body } = said["block"] as JsonObject;
    const other = { ...body, payload: [] };
    const block = { ...other, sig: seal.sign(self, canonicalJson({ kind: "block", ...other })) };
    return resigned(seal, self, said, { block, proof: [] });
  };

function chainOf(run: Run, member = "a"): readonly ChainLink[] {
  return (run.states.get(member) as ChainState).links;
}

describe("a chain of three blocks", () => {
  const links = chainOf(play({ members, machine, plan: { ...quiet, requests: three }, until: 1_000 }));

  test("verifies, and every member has the same", () => {
    expect(links).toHaveLength(3);
    expect(verifyChain(links, authority)).toMatchObject({
      ok: true,
      head: { height: 3, nonces: { a: 1, b: 1, c: 1 } },
    });
  });

  test.each([1, 2, 3])("altering block %i is detected at this block, whatever is changed", (height) => {
    const leaves = pathsOf(links[height - 1]?.block as unknown as Json);
    expect(leaves.length).toBeGreaterThan(6);
    for (const path of leaves) {
      const altered = structuredClone(links) as unknown as { block: Json }[];
      flip(altered[height - 1]?.block as Json, path);
      expect(verifyChain(altered, authority), path.join(".")).toMatchObject({ ok: false, height });
    }
  });

  test("a certificate with fewer, foreign or repeated signers is none", () => {
    const [first, ...rest] = links as [ChainLink, ...ChainLink[]];
    const [vote, ...others] = first.certificate;
    const stranger = hmacSeal({ x: "00" });
    const cases = [others.slice(1), [vote, vote, vote], [...others.slice(1), { ...vote, by: "x" }], []] as const;
    for (const certificate of cases) {
      const chain = [{ ...first, certificate } as ChainLink, ...rest];
      expect(verifyChain(chain, authority)).toMatchObject({
        ok: false,
        height: 1,
        reason: "no quorum has signed this block",
      });
    }
    expect(stranger.verify("y", "text", "AAAA")).toBe(false);
  });

  test("blocks in another order, twice or of another chain do not verify", () => {
    const [one, two, last] = links as [ChainLink, ChainLink, ChainLink];
    expect(verifyChain([two, one, last], authority)).toMatchObject({ ok: false, height: 1 });
    expect(verifyChain([one, one, two], authority)).toMatchObject({ ok: false, height: 2 });
    expect(verifyChain(links, { ...authority, chain: "other" })).toMatchObject({ ok: false, height: 1 });
    expect(verifyChain(links, { ...authority, members: ["b", "a", "c", "d"] })).toMatchObject({ ok: false, height: 1 });
    expect(verifyChain([one, { block: null }], authority)).toMatchObject({ ok: false, height: 2 });
  });

  test("the order of keys makes no difference to a hash", () => {
    const block = (links[0] as ChainLink).block;
    const turned = Object.fromEntries(Object.entries(block).toReversed()) as unknown as Block;
    expect(blockHash(turned)).toBe(blockHash(block));
  });
});

describe("under faults of the network and crashes from disk", () => {
  test(
    "final blocks are the same for all, and everything asked for is in the chain once",
    () => {
      fc.assert(
        fc.property(plans(4), (plan) => {
          const isDone = isTogether(members);
          const run = play({ members, machine, plan, until: 20_000, check: safety(members), isDone });
          expect(sorted(included(run, members))).toEqual(sorted(wished(run, members)));
          expect(isDone(run)).toBe(true);
          for (const member of members) expect(verifyChain(chainOf(run, member), authority).ok).toBe(true);
        }),
        schedules,
      );
    },
    patience,
  );

  test(
    "so they are with a member that lies, and its second block at a height is proved",
    () => {
      let proofs = 0;
      fc.assert(
        fc.property(plans(4), fc.nat({ max: 3 }), (drawn, who) => {
          const evil = members[who] as string;
          const correct = members.filter((member) => member !== evil);
          const plan = { ...drawn, crashes: drawn.crashes.filter(({ member }) => member !== who) };
          const others = { [evil]: liar(machine, lie(evil)) };
          const isDone = isTogether(correct);
          const run = play({ members, machine, plan, others, until: 20_000, check: safety(correct), isDone });
          expect(sorted(included(run, correct))).toEqual(sorted(wished(run, correct)));
          proofs += run.outcomes.filter(({ outcome }) => outcome.type === "equivocation").length;
        }),
        schedules,
      );
      expect(proofs).toBeGreaterThan(0);
    },
    patience,
  );
});

describe("a proposer with two faces", () => {
  // The block of height 1 is b's turn.
  const plan = { ...quiet, requests: [{ member: 1, at: 0 }] };

  test("alone never gets two blocks final at one height", () => {
    const others = { b: twoFaced(machine, [["a"], ["c", "d"]]) };
    play({ members, machine, plan, others, until: 2_000, check: safety(["a", "c", "d"]) });
  });

  test("and an accomplice, one more than may lie, do: the bound is tight", () => {
    const face = twoFaced(machine, [["a"], ["c"]]);
    const check = safety(["a", "c"]);
    const broken = (): Run => play({ members, machine, plan, others: { b: face, d: face }, until: 2_000, check });
    expect(broken).toThrow("two blocks are final at 1");
  });
});

describe("from storage", () => {
  const run = play({ members, machine, plan: { ...quiet, requests: three }, until: 1_000 });
  const stored = machine.persistent?.(run.states.get("a") as ChainState) ?? {};
  const restart = (disk: JsonObject): ChainState => machine.restart?.("a", members, disk) as ChainState;

  test("comes the same head", () => {
    expect(restart(JSON.parse(JSON.stringify(stored))).head).toEqual((run.states.get("a") as ChainState).head);
  });

  test("what was altered there is noticed, and fetched from the others again", () => {
    const disk = JSON.parse(JSON.stringify(stored));
    disk.links[1].block.payload[0].data = { wish: "mine" };
    const damaged = restart(disk);
    expect(damaged.links).toHaveLength(1);
    const begun = machine.step(damaged, { type: "begin", at: 0 }, seededRng(1));
    expect(begun.outcomes).toEqual([{ type: "damaged", height: 2, reason: expect.any(String) }]);
    const links = chainOf(run, "b").slice(1);
    const healed = machine.step(
      begun.state,
      { type: "message", at: 1, from: "b", message: { kind: "links", links } },
      seededRng(1),
    );
    expect(healed.state.head).toEqual((run.states.get("b") as ChainState).head);
  });

  test("a member that comes back with nothing gets the whole chain", () => {
    const crashes = [{ member: 2, at: 500, forMs: 100 }];
    const again = play({
      members,
      machine,
      plan: { ...quiet, requests: three, crashes },
      until: 3_000,
      forgetful: true,
    });
    expect(chainOf(again, "c")).toEqual(chainOf(again, "a"));
    expect(chainOf(again, "c")).toHaveLength(3);
  });
});

const say = (by: string, said: JsonObject): JsonObject => resigned(seal, by, {}, said);

function blockOf(said: Omit<Block, "sig" | "round"> & { readonly round?: number }): Block {
  const body = { round: 0, ...said };
  return { ...body, sig: seal.sign(body.proposer, canonicalJson({ kind: "block", ...body })) };
}

test("a block that repeats a transaction does not verify, whoever has signed it", () => {
  const once = say("a", { kind: "transaction", nonce: 1, data: "pay" }) as Block["payload"][number];
  let prevHash = blockHashOfGenesis();
  const links = ["b", "c"].map((proposer, index) => {
    const block = blockOf({ height: index + 1, prevHash, proposer, payload: [once] });
    prevHash = blockHash(block);
    const vote = { kind: "precommit", height: index + 1, round: 0, hash: prevHash };
    return { block, certificate: ["a", "b", "c"].map((by) => say(by, vote)) } as unknown as ChainLink;
  });
  expect(verifyChain(links.slice(0, 1), authority)).toMatchObject({ ok: true });
  const reason = "nonce 1 of a repeated or out of turn";
  expect(verifyChain(links, authority)).toMatchObject({ ok: false, height: 2, reason });
});

describe("a member that has precommitted to a block", () => {
  const prevHash = blockHashOfGenesis();
  const [first, second] = ["b", "c"].map((proposer, round) =>
    blockOf({ height: 1, round, prevHash, proposer, payload: [] }),
  ) as [Block, Block];
  const propose = (by: string, round: number, block: Block, proof: readonly JsonObject[]): JsonObject =>
    say(by, { kind: "proposal", height: 1, round, block, proof });
  const vote = (by: string, kind: string, round: number, block: Block | null): JsonObject =>
    say(by, { kind, height: 1, round, hash: block === null ? null : blockHash(block) });
  const said = (
    messages: readonly JsonObject[],
    from: ChainState,
    timer?: string,
  ): { state: ChainState; out: ChainMessage[] } => {
    let state = from;
    const out: ChainMessage[] = [];
    const inputs = messages.map((message) => ({ type: "message", at: 1, from: "d", message }) as never);
    for (const input of [...inputs, ...(timer === undefined ? [] : [{ type: "timer", at: 1, timer } as const])]) {
      const step = machine.step(state, input, seededRng(1));
      state = step.state;
      out.push(...(step.out ?? []).map(({ message }) => message));
    }
    return { state, out };
  };
  const begun = machine.step(machine.start("a", members), { type: "begin", at: 0 }, seededRng(1)).state;
  const locked = said(
    [
      propose("b", 0, first, []),
      ...["b", "c"].map((by) => vote(by, "prevote", 0, first)),
      ...["c", "d"].map((by) => vote(by, "precommit", 0, null)),
    ],
    begun,
    "precommit",
  );

  test("says so", () => {
    expect(locked.out).toContainEqual(vote("a", "precommit", 0, first));
    expect(locked.state.now).toMatchObject({ round: 1, stage: "propose", locked: { round: 0 } });
  });

  test("prevotes for no other", () => {
    expect(said([propose("c", 1, second, [])], locked.state).out).toContainEqual(vote("a", "prevote", 1, null));
  });

  test("but with proof that a quorum wanted it later", () => {
    const proof = ["b", "c", "d"].map((by) => vote(by, "prevote", 1, second));
    const later = ["c", "d"].map((by) => vote(by, "prevote", 2, null));
    const { out } = said([...later, propose("d", 2, second, proof)], locked.state);
    expect(out).toContainEqual(vote("a", "prevote", 2, second));
    const fewer = said([...later, propose("d", 2, second, proof.slice(1))], locked.state).out;
    expect(fewer.filter(({ kind }) => kind === "prevote")).toEqual([]);
  });
});

test("a transaction comes in once, however often it is sent", () => {
  const run = play({ members, machine, plan: { ...quiet, requests: three }, until: 1_000 });
  const state = run.states.get("b") as ChainState;
  const old = state.links[0]?.block.payload[0];
  const step = machine.step(state, { type: "message", at: 2_000, from: "a", message: old as never }, seededRng(1));
  expect(step.state).toEqual(state);
});

test.each([
  [["a", "b", "c"], { faults: 1 }],
  [["a", "a"], {}],
  [["b"], {}],
])("members %j with %j are refused", (names, more) => {
  expect(() => blockchain({ seal, ...more }).start("a", names)).toThrow(UsageError);
});

test("as an algorithm for changes: agreed by three of four", async () => {
  const vote = (agent: string): boolean => agent !== "d";
  const options = { algorithm: "blockchain", rng: seededRng(3), timeoutMs: 10_000, vote };
  const result = await establishConsensus(members, { mode: "fast" }, options);
  expect(result).toMatchObject({ ok: true, value: { confidence: 0.75 } });
});

/** The way to every leaf of a value. */
function pathsOf(value: Json, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [path];
  return Object.entries(value).flatMap(([key, item]) => (item === undefined ? [] : pathsOf(item, [...path, key])));
}

function flip(value: Json, path: readonly string[]): void {
  const [key, ...rest] = path as [string, ...string[]];
  const holder = value as Record<string, Json>;
  if (rest.length > 0) return flip(holder[key] as Json, rest);
  const old = holder[key];
  holder[key] = typeof old === "number" ? old + 1 : `${String(old).startsWith("A") ? "B" : "A"}${String(old).slice(1)}`;
}

function blockHashOfGenesis(): string {
  return machine.start("a", members).head.hash;
}
