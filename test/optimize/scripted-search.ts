import { pick, seededRng } from "#foundation";
import type { Json } from "#foundation";
import type { CompleteWork, EvaluateWork, ExampleResult, Incumbent, Task, Teleprompter, Told, Work } from "#optimize";
import { noUsage } from "#programs";
import type { Configuration } from "#variables";

/** How a world without models answers: what a configuration scores on an example, and what a call says. */
export interface Script {
  /** From 0 to 1, or what is said beside it. */
  readonly score: (configuration: Configuration, index: number, work: EvaluateWork) => number | ExampleResult;
  /** The outputs of a call; `undefined` where it fails. */
  readonly reply?: (work: CompleteWork, number: number) => { readonly [name: string]: Json } | undefined;
  readonly capacity?: number;
  /** Answers come in an order drawn from this label; in that of their issue unless told. */
  readonly scrambled?: string;
  /** Ends the play when this work was told, as a spent budget does. */
  readonly until?: string;
}

export interface Played {
  readonly work: readonly Work[];
  readonly evaluations: readonly EvaluateWork[];
  readonly calls: readonly CompleteWork[];
  readonly reason: string | undefined;
  readonly incumbent: Incumbent | undefined;
}

/** Plays a whole search, several items out at once. The state passes through JSON after each step. */
export function playSearch<S>(teleprompter: Teleprompter<S>, task: Task, script: Script): Played {
  const { capacity = 3, scrambled, until } = script;
  const order = seededRng(scrambled ?? "in order");
  let state = teleprompter.start(task);
  const tell = (told: Told): void => {
    state = { ...(JSON.parse(JSON.stringify(teleprompter.tell(state, told))) as S), task };
  };
  const work: Work[] = [];
  const out: Work[] = [];
  for (let ask = 0; ask < 5000; ask++) {
    const asked = teleprompter.ask(state, seededRng(`ask ${ask}`), capacity - out.length);
    if (asked.length > 0) tell({ type: "issued", work: asked });
    work.push(...asked);
    out.push(...asked);
    const next = scrambled === undefined ? out[0] : out.length === 0 ? undefined : pick(order, out);
    if (next === undefined) break;
    out.splice(out.indexOf(next), 1);
    tell(answerTo(next, script, work.filter(({ kind }) => kind === "complete").indexOf(next)));
    if (next.id === until) break;
  }
  return {
    work,
    evaluations: work.filter((item) => item.kind === "evaluate"),
    calls: work.filter((item) => item.kind === "complete"),
    reason: teleprompter.finished(state),
    incumbent: teleprompter.incumbent(state),
  };
}

function answerTo(work: Work, script: Script, number: number): Told {
  if (work.kind === "complete") {
    const outputs = script.reply?.(work, number);
    if (outputs === undefined)
      return { type: "completed", work, result: { ok: false, message: "no model here", usage: noUsage } };
    return { type: "completed", work, result: { ok: true, outputs, usage: noUsage } };
  }
  const results = work.examples.map((index): ExampleResult => {
    const score = script.score(work.configuration, index, work);
    return typeof score === "number" ? { ok: true, score, index, usage: noUsage } : score;
  });
  return { type: "evaluated", work, results };
}

/** A result with what the only stage took and gave. */
export function tracedResult(task: Task, work: EvaluateWork, index: number, score: number): ExampleResult {
  const example = task[work.split === "train" ? "train" : "validation"][index];
  const inputs = { ...example?.inputs };
  const outputs = score === 1 ? { ...example?.expected } : { desk: "wrong" };
  const trace = [{ stage: "predict", inputs, outputs }];
  return { ok: true, score, feedback: score === 1 ? "right" : `no, example ${index}`, trace, index, usage: noUsage };
}
