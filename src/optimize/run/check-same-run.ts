import { canonicalJson, present, seededRng, UsageError } from "#foundation";
import type { Example } from "#programs";
import { splitExamples } from "./prepared-run.ts";
import type { StartOptions } from "./start-options.ts";
import { asJson, examplesId } from "./run-record.ts";
import type { RunRecord } from "./run-record.ts";
import type { Split } from "../teleprompter.ts";

/**
 * Throws `UsageError` when what is given beside a run to go on with is not what the run was started with: it would be
 * heeded by nobody. What is not given is what it was.
 */
export function checkSameRun<I extends object, O extends object>(
  record: RunRecord,
  options: Partial<StartOptions<I, O>> & Pick<StartOptions<I, O>, "program">,
): void {
  const others = [...otherSettings(record, options), ...otherExamples(record, options)];
  if (others.length === 0) return;
  const which = others.length === 1 ? "it" : "them";
  throw new UsageError(
    `resume: run ${record.id} was started with other values of ${others.join(", ")} and goes on with its own; leave ${which} out, or start a new run`,
  );
}

type Given<I extends object, O extends object> = Partial<StartOptions<I, O>> & Pick<StartOptions<I, O>, "program">;

function otherSettings<I extends object, O extends object>(record: RunRecord, options: Given<I, O>): string[] {
  const { teleprompter, budget, seed, concurrency, deterministic, scope, programId } = options;
  const given = {
    budget,
    seed: seed === undefined ? undefined : String(seed),
    concurrency,
    deterministic,
    scope,
    programId,
    teleprompter: teleprompter === undefined ? undefined : settingsOf(teleprompter, record),
  };
  return Object.entries(given).flatMap(([name, value]) =>
    value === undefined || isSame({ value }, { value: record[name as keyof typeof given] }) ? [] : [name],
  );
}

/** A name says nothing of the options. */
function settingsOf(given: StartOptions["teleprompter"], record: RunRecord): RunRecord["teleprompter"] {
  if (typeof given !== "string") return { name: given.name, options: given.options };
  return given === record.teleprompter.name ? record.teleprompter : { name: given, options: {} };
}

function isSame(a: object, b: object): boolean {
  return canonicalJson(asJson(a)) === canonicalJson(asJson(b));
}

/** Without validation examples the run took its own out of `train`, by its seed. */
function otherExamples<I extends object, O extends object>(record: RunRecord, options: Given<I, O>): string[] {
  const { program, train, validation, test } = options;
  const given =
    train === undefined
      ? [{ validation }]
      : seedsOf(record).map((seed) => splitExamples({ program, train, ...present({ validation }) }, seededRng(seed)));
  const others = given.map((split) => otherSplits(record, { ...split, test }));
  return others.find(({ length }) => length === 0) ?? others[0] ?? [];
}

function otherSplits({ data }: RunRecord, given: Partial<Record<Split, readonly Example[] | undefined>>): string[] {
  return (["train", "validation", "test"] as const).filter(
    (name) => given[name] !== undefined && examplesId(given[name]) !== data[name],
  );
}

/** A number and the text of it begin other chances, and the record has the text alone. */
function seedsOf({ seed }: RunRecord): readonly (string | number)[] {
  return String(Number(seed)) === seed ? [Number(seed), seed] : [seed];
}
