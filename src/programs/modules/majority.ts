import { canonicalJson, describe, UsageError } from "#foundation";
import type { Json } from "#foundation";
import type { StageCall, StageResult, Values } from "../module.ts";
import type { StageDraft } from "../stage.ts";
import { attemptAll, attemptDefaults, attemptHistory, failedUsage, failureOf } from "./attempts.ts";
import type { Attempt } from "./attempts.ts";
import { broughtStage, countSetting } from "./brought-stage.ts";
import type { BroughtStage, BroughtStageOptions } from "./brought-stage.ts";
import { predict } from "./predict.ts";

export interface MajorityOptions extends BroughtStageOptions {
  /** How many attempts vote; 3 unless told. The setting `n` of the stage. */
  readonly n?: number;
  /**
   * `"outputs"` (unless told): equal are answers all of whose outputs are. `"fields"`: every output is voted on by itself,
   * so that the answer may be one that nobody gave. The setting `vote` of the stage.
   */
  readonly vote?: "outputs" | "fields";
  /** What is attempted; `predict()` unless told. */
  readonly stage?: StageDraft;
  /** Attempts at once; 4 unless told. */
  readonly concurrency?: number;
}

type Voter = Extract<Attempt, { ok: true }>;

/** What most say, as a whole or field by field; `undefined` without a voter. */
export function voted(voters: readonly Voter[], by: "outputs" | "fields"): Values | undefined {
  const first = mostCommon(voters, (voter) => voter.signed);
  if (first === undefined || by === "outputs") return first?.outputs;
  return { ...first.outputs, ...fieldByField(voters) };
}

/**
 * What most of several independent answers say (self-consistency, Wang et al. 2022, arXiv 2203.11171); of answers with
 * as many votes, the one that came first. Values are equal when their canonical JSON is. An attempt that fails has no
 * vote; when all do, the first one's failure is the stage's.
 */
export function majority(options: MajorityOptions = {}): BroughtStage {
  const { n, vote, stage: inner = predict(), concurrency = attemptDefaults.concurrency } = options;
  return broughtStage({
    usualName: "majority",
    options,
    configuration: { n, vote },
    settings: ["n", "vote"],
    stages: [inner],
    async run(context, stage): Promise<StageResult> {
      const by = voteSetting(stage, vote);
      const count = countSetting(stage, "n", { usual: n ?? attemptDefaults.n, max: attemptDefaults.maxN });
      const made = await attemptAll(context, stage, { n: count, concurrency });
      const voters = made.filter((attempt) => attempt.ok);
      const outputs = voted(voters, by);
      if (outputs === undefined) throw failureOf(made);
      stage.onPartial?.(outputs, 1);
      return { outputs, history: attemptHistory(made), usage: failedUsage(made) };
    },
  });
}

function voteSetting(stage: StageCall, usual: MajorityOptions["vote"] = "outputs"): "outputs" | "fields" {
  const value = stage.setting("vote") ?? usual;
  if (value === "outputs" || value === "fields") return value;
  throw new UsageError(`configuration ${stage.id}.vote: expected one of outputs, fields, got ${describe(value)}`);
}

/** The first of those with the value that most have. */
function mostCommon(voters: readonly Voter[], value: (voter: Voter) => unknown): Voter | undefined {
  const counts = new Map<string, number>();
  const keyOf = (voter: Voter): string => canonicalJson(value(voter) as Json | undefined);
  for (const voter of voters) counts.set(keyOf(voter), (counts.get(keyOf(voter)) ?? 0) + 1);
  const most = Math.max(...counts.values());
  return voters.find((voter) => counts.get(keyOf(voter)) === most);
}

function fieldByField(voters: readonly Voter[]): Values {
  const names = [...new Set(voters.flatMap(({ signed }) => Object.keys(signed)))];
  return Object.fromEntries(
    names.map((name) => [name, mostCommon(voters, ({ signed }) => signed[name])?.signed[name]]),
  );
}
