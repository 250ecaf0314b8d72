import { canonicalJson, seededRng } from "#foundation";
import type { Json, JsonObject } from "#foundation";
import { addUsage, noUsage, placedStages } from "#programs";
import type { Example, LanguageModel, Program, Usage } from "#programs";
import type { Configuration, Space } from "#variables";
import { appliedConfiguration } from "../run/applied-configuration.ts";
import type { EvaluateWork, Split, TraceStep, Work } from "../teleprompter.ts";
import { assumedRecord } from "./assumed-value.ts";
import { meanCost, runCost } from "./call-cost.ts";
import type { Asked, RunCost } from "./call-cost.ts";
import type { StandIn } from "./played-run.ts";

/** How candidates fare in a played run: half of the examples succeed, or none, or more with each new candidate. */
export type Luck = "even" | "none" | "rising";

export interface StandInOptions {
  readonly program: Program;
  readonly space: Space;
  readonly examples: Readonly<Record<Split, readonly Example[]>>;
  readonly asked: Asked;
  readonly promptModel: LanguageModel;
  readonly luck: Luck;
}

/** A stand-in that knows what its answers would have cost. */
export interface CostedStandIn extends StandIn {
  /** What the answers so far would have cost at the most. */
  readonly most: Usage;
  /** What an example costs with the configuration. */
  costOf(configuration: Configuration): RunCost;
}

/** Prompts are measured on so many examples for each configuration. */
const probes = 3;

/** Scores are 0 or 1: half of the examples are easy, and a fifth of what decides is a candidate's own luck. */
export function standIn(options: StandInOptions): CostedStandIn {
  const { program, space, examples, asked, promptModel } = options;
  const costs = new Map<string, RunCost>();
  const seen = new Map<string, number>();
  let proposals = 0;
  let most = noUsage;
  const pay = ({ likely, most: dearest }: RunCost): Usage => {
    most = addUsage(most, dearest);
    return likely;
  };
  const costOf = (configuration: Configuration): RunCost => {
    const key = canonicalJson(configuration);
    const known = costs.get(key);
    if (known !== undefined) return known;
    const applied = appliedConfiguration(space, program.configuration, configuration);
    const cost = meanCost(probed(examples).map((example) => runCost(program, applied, caseOf(example), asked)));
    costs.set(key, cost);
    return cost;
  };
  const orderOf = (configuration: Configuration): number => {
    const key = canonicalJson(configuration);
    if (!seen.has(key)) seen.set(key, seen.size);
    return seen.get(key) ?? 0;
  };
  return {
    costOf,
    get most() {
      return most;
    },
    reserve: (work) => reserved(work, costOf),
    example(work, index) {
      const usage = pay(costOf(work.configuration));
      const score = scored(work, index, { luck: options.luck, order: orderOf(work.configuration) });
      const example = examples[work.split][index];
      const trace = work.trace === true && example !== undefined ? { trace: traced(program, example, score) } : {};
      return { ok: true, score, ...trace, index, usage };
    },
    completion({ program: asking, inputs, overrides }) {
      const outputs = assumedRecord(asking.signature.outputs, `${++proposals}`);
      const known = { inputs, outputs };
      const settings = { ...asking.configuration, ...overrides };
      return { ok: true, outputs, usage: pay(runCost(asking, settings, known, { model: promptModel, models: {} })) };
    },
  };
}

function probed({ train, validation }: StandInOptions["examples"]): readonly Example[] {
  const all = [...validation, ...train];
  const count = Math.min(probes, all.length);
  return Array.from({ length: count }, (_, place) => all[Math.floor((place * all.length) / count)] as Example);
}

function caseOf({ inputs, expected }: Example): { readonly inputs: JsonObject; readonly outputs: JsonObject } {
  return { inputs: inputs as JsonObject, outputs: expected as JsonObject };
}

/** A call is made only where the longest answer is covered. */
function reserved(work: Work, costOf: (configuration: Configuration) => RunCost): Usage {
  if (work.kind === "complete") return { ...noUsage, calls: 1 };
  const { likely, most } = costOf(work.configuration);
  return likely.calls === 0 ? noUsage : { ...scaled(most, 1 / Math.max(1, most.calls)), calls: 1 };
}

function scored(
  { split, rollout = 0 }: EvaluateWork,
  index: number,
  { luck, order }: { readonly luck: Luck; readonly order: number },
): number {
  if (luck === "none") return 0;
  const ease = seededRng(`example ${split} ${index}`).next();
  const chance = seededRng(`candidate ${order} ${split} ${index} ${rollout}`).next();
  const wanted = luck === "rising" ? 0.7 * 0.9 ** order : 0.5;
  return 0.8 * ease + 0.2 * chance > wanted ? 1 : 0;
}

/** What each stage would have taken and given: what the example says, and what is assumed where it says nothing. */
function traced(program: Program, { inputs, expected }: Example, score: number): TraceStep[] {
  const own = score > 0 ? (expected as JsonObject) : {};
  return placedStages(program)
    .filter(({ stage }) => stage.stages === undefined)
    .map(({ path, signature }) => {
      const known: JsonObject = { ...assumedRecord(signature.inputs, "of a stage before"), ...inputs };
      const said: JsonObject = { ...assumedRecord(signature.outputs, ""), ...own };
      return { stage: path, inputs: picked(signature.inputs, known), outputs: picked(signature.outputs, said) };
    });
}

function picked(fields: readonly { readonly name: string }[], record: JsonObject): JsonObject {
  return Object.fromEntries(fields.map(({ name }) => [name, record[name] as Json]));
}

function scaled({ calls, inputTokens, outputTokens, usd }: Usage, by: number): Usage {
  return { calls: calls * by, inputTokens: inputTokens * by, outputTokens: outputTokens * by, usd: usd * by };
}
