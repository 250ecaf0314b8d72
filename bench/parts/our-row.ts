import { memoryStore } from "#storage/memory";
import { canonicalJson, systemClock } from "#foundation";
import type { JsonObject } from "#foundation";
import { openAiCompatible } from "#models";
import { startRun, teleprompterNamed } from "#optimize";
import type { Incumbent, Teleprompter } from "#optimize";
import { demoOf } from "#programs";
import type { LanguageModel, Metric } from "#programs";
import { demos, space, text } from "#variables";
import type { Configuration, Space } from "#variables";
import { threads } from "./dspy-row.ts";
import type { PeerCase, PeerRun } from "./dspy-row.ts";
import { maxDemos } from "./dspy-settings.ts";
import type { PeerAlgorithm } from "./dspy-settings.ts";
import { heldOutScore } from "./held-out-score.ts";
import { exampleOf, predictions, programOf } from "./our-program.ts";
import type { Plain } from "./our-program.ts";
import { peerTask } from "./peer-tasks.ts";
import type { PeerTask } from "./peer-tasks.ts";
import { serveOfflineModel } from "./served-offline-model.ts";

/** What came of ours. The last incumbent counts, whether or not its gain is significant: peers do not ask. */
export interface OurRun extends PeerRun {
  /** The program as it was, then every incumbent, with when it became one. */
  readonly curve: readonly OurPoint[];
}

interface OurPoint {
  readonly calls: number;
  readonly wallMs: number;
  /** On the held-out rows. */
  readonly score: number;
}

interface Contestant {
  readonly teleprompter: string;
  readonly options: JsonObject;
  /** What DSPy's algorithm of the name may change. */
  readonly changes: readonly ("demos" | "instructions")[];
}

/** One of ours by the name of DSPy's; `bootstrap_once` is sized to the few calls of a single set and its measurement. */
export type ContestantName = PeerAlgorithm | "bootstrap_once";

const once = { maxDemos, candidates: 1, maxBootstrapped: 1, batch: 4 };
/** What DSPy's does: its first set, unmeasured, from training examples one by one. */
const unmeasured = { maxDemos, measure: false, batch: 1 };

/** Ours with their defaults but as many demonstrations as DSPy's, in the space that DSPy's algorithm searches. */
const contestants: Readonly<Record<ContestantName, Contestant>> = {
  bootstrap: { teleprompter: "bootstrap_few_shot", options: unmeasured, changes: ["demos"] },
  bootstrap_once: { teleprompter: "bootstrap_few_shot", options: once, changes: ["demos"] },
  bootstrap_random: { teleprompter: "bootstrap_random_search", options: { maxDemos }, changes: ["demos"] },
  mipro: { teleprompter: "mipro", options: { maxDemos }, changes: ["demos", "instructions"] },
  simba: { teleprompter: "simba", options: { maxDemos }, changes: ["demos", "instructions"] },
  gepa: { teleprompter: "gepa", options: {}, changes: ["instructions"] },
};

export interface OurCase extends Omit<PeerCase, "algorithm"> {
  readonly algorithm: ContestantName;
}

/** Runs ours against the served model, with at most so many calls. The held-out rows are predicted outside of them. */
export async function ourRun({ algorithm, task: name, seed, delayMs }: OurCase, calls: number): Promise<OurRun> {
  const task = peerTask(name, seed);
  const { teleprompter, options, changes } = contestants[algorithm];
  await using server = await serveOfflineModel(delayMs);
  const counted = countedModel(openAiCompatible({ id: server.model, url: server.url, apiKey: "optimize" }));
  const heldOut = openAiCompatible({ id: server.model, url: server.url, apiKey: "held-out" });
  const before = systemClock.now();
  const seen: Seen[] = [{ calls: 0, wallMs: 0, configuration: {} }];
  const asked = watched(teleprompterNamed(teleprompter, options), ({ configuration }) => {
    if (canonicalJson(seen.at(-1)?.configuration ?? {}) === canonicalJson(configuration)) return;
    seen.push({ calls: counted.calls(), wallMs: systemClock.now() - before, configuration });
  });
  await using runner = await startRun<Plain, Plain>({
    program: programOf(task),
    space: spaceOf(task, changes),
    teleprompter: asked,
    train: task.train.map((row) => exampleOf(task, row)),
    validation: task.validation.map((row) => exampleOf(task, row)),
    metric: metricOf(task),
    model: counted.model,
    store: memoryStore(),
    budget: { calls },
    seed,
    concurrency: threads,
  });
  await runner.finished;
  const wallMs = systemClock.now() - before;
  const curve: OurPoint[] = [];
  for (const { configuration, ...when } of seen)
    curve.push({ ...when, score: heldOutScore(task, await predictions(task, configuration, heldOut)) });
  const final = seen.at(-1)?.configuration ?? {};
  const shown = final["predict.demos"];
  return {
    score: curve.at(-1)?.score ?? Number.NaN,
    calls: await server.callsOf("optimize"),
    wallMs,
    demos: Array.isArray(shown) ? shown.length : 0,
    instructions: String(final["predict.instructions"] ?? task.instructions),
    curve,
  };
}

interface Seen {
  readonly calls: number;
  readonly wallMs: number;
  readonly configuration: Configuration;
}

function spaceOf(task: PeerTask, changes: Contestant["changes"]): Space {
  const pool = task.train.map((row) => demoOf(exampleOf(task, row)));
  return space([
    ...(changes.includes("demos") ? [demos("predict.demos", { pool, max: maxDemos })] : []),
    ...(changes.includes("instructions") ? [text("predict.instructions", { default: task.instructions })] : []),
  ]);
}

/** Says what would have been right, as the metric of DSPy's GEPA does. */
function metricOf({ output }: PeerTask): Metric<Plain, Plain> {
  return (outputs, { expected }) => {
    const [right, given] = [expected[output], outputs[output]];
    if (right === given) return { score: 1, feedback: "Right." };
    return { score: 0, feedback: `The correct answer is "${right}", not "${given}".` };
  };
}

/** The calls that were begun, retries included: what the server counts as well. */
function countedModel(model: LanguageModel): { readonly model: LanguageModel; readonly calls: () => number } {
  let calls = 0;
  const generate: LanguageModel["generate"] = (request, options) => {
    calls++;
    return model.generate(request, options);
  };
  return { model: { ...model, generate }, calls: () => calls };
}

/** Tells of the incumbent after everything that the teleprompter is told. */
function watched(inner: Teleprompter, hear: (incumbent: Incumbent) => void): Teleprompter {
  return {
    ...inner,
    tell(state, told) {
      const next = inner.tell(state, told);
      const incumbent = told.type === "issued" ? undefined : inner.incumbent(next);
      if (incumbent !== undefined) hear(incumbent);
      return next;
    },
  };
}
