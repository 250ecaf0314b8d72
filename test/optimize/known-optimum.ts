import { seededRng } from "#foundation";
import type { ExampleResult, Task, Teleprompter, Told, Work } from "#optimize";
import { noUsage, program, signature } from "#programs";
import { choice, float, permutation, space, text } from "#variables";
import type { Configuration } from "#variables";

const agents = ["ann", "bob", "cid"];

/**
 * A crew of up to three agents in an order, two topologies and a number, whose best configuration is known: it scores 1,
 * the one that is begun with 0. The text is there for those that must have one to write; nobody does.
 */
export const crewTask: Task = {
  program: program({ name: "crew", signature: signature("n: int -> m: float", { instructions: "Work." }) }),
  space: space([
    permutation("crew", agents, { min: 1, max: 3, group: "agent_selection" }),
    choice("net", ["star", "ring"], { group: "topology" }),
    float("heat", { min: 0, max: 1, group: "parameters" }),
    text("predict.instructions", { default: "Work." }),
  ]),
  baseline: { crew: ["ann"], net: "star", heat: 0.9, "predict.instructions": "Work." },
  train: examples(12),
  validation: examples(12, 100),
};

function examples(count: number, from = 0): Task["train"] {
  return Array.from({ length: count }, (_, place) => ({ inputs: { n: from + place }, expected: { m: 1 } }));
}

/** 1 where bob and cid, in this order, work in a ring at .3; a ring is worth nothing to the wrong agents. */
export function crewQuality({ crew, net, heat }: Configuration): number {
  const chosen = crew as readonly string[];
  const placed = ["bob", "cid"].filter((agent, place) => chosen[place] === agent).length / Math.max(2, chosen.length);
  const near = Math.max(0, 1 - 2 * Math.abs(Number(heat) - 0.3));
  return 0.4 * placed + (net === "ring" ? 0.3 * placed : 0) + 0.3 * near;
}

/** The quality of what a teleprompter thinks best after so many evaluations, three work items out at once. */
export function qualityAfter(teleprompter: Teleprompter, seed: number, evaluations: number): number {
  let state = teleprompter.start(crewTask);
  const out: Work[] = [];
  let asked = 0;
  for (let ask = 0; ; ask++) {
    const more = affordable(
      teleprompter.ask(state, seededRng(seed).fork(`ask ${ask}`), 3 - out.length),
      evaluations - asked,
    );
    asked += more.filter(({ kind }) => kind === "evaluate").length;
    state = teleprompter.tell(state, { type: "issued", work: more });
    out.push(...more);
    const next = out.shift();
    if (next === undefined) return crewQuality(teleprompter.incumbent(state)?.configuration ?? crewTask.baseline);
    state = teleprompter.tell(state, answer(next));
  }
}

/** The first items, as a budget of evaluations lets them through. */
function affordable(work: readonly Work[], evaluations: number): readonly Work[] {
  let left = evaluations;
  const end = work.findIndex(({ kind }) => kind === "evaluate" && --left < 0);
  return end < 0 ? work : work.slice(0, end);
}

function answer(work: Work): Told {
  if (work.kind === "complete")
    return { type: "completed", work, result: { ok: false, message: "nobody writes texts here", usage: noUsage } };
  const score = crewQuality(work.configuration);
  const trace = [{ stage: "predict", inputs: {}, outputs: {} }];
  const results = work.examples.map((index): ExampleResult => ({
    ok: true,
    score,
    index,
    usage: noUsage,
    ...(work.trace === true ? { trace } : {}),
  }));
  return { type: "evaluated", work, results };
}
