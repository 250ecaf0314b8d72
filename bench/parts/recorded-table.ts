import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { suiteFolder } from "./search-suite.ts";

/** What real agents did on the same tasks: `../shared/data/NAME.json.gz`. Nothing of it is simulated. */
export interface RecordedTable {
  readonly name: string;
  readonly agents: readonly string[];
  readonly rows: readonly RecordedRow[];
  /** Whether every agent has recorded costs. */
  readonly isPriced: boolean;
}

/** One task: what each agent scored on it and what that cost, in the order of the agents. */
export interface RecordedRow {
  readonly id: string;
  readonly category: string;
  readonly scores: readonly number[];
  /** In USD; NaN where it was not recorded. */
  readonly costs: readonly number[];
}

/** What refpoints.json says of a table: means over 20 splits. */
export interface ReferencePoints {
  readonly ref: Readonly<Record<string, { readonly mean: number; readonly sd: number; readonly cost?: number }>>;
  /** What one agent per category gains over the best single one: mean, standard deviation, splits above 0. */
  readonly gain_per_category?: readonly number[];
  /** By share of the best single agent's cost. */
  readonly budget?: Readonly<
    Record<string, Readonly<Record<string, { readonly score: number; readonly cost: number }>>>
  >;
}

/** The share of the tasks that an agent must have done to count. */
const minCoverage = 0.95;

/** A table by name; `undefined` where the data does not lie beside the repository. */
export function readTable(name: string): RecordedTable | undefined {
  const file = join(suiteFolder, `${name}.json.gz`);
  if (!existsSync(file)) return undefined;
  const stored: unknown = JSON.parse(gunzipSync(readFileSync(file)).toString());
  checkStored(name, stored);
  const { agents, instances, score, cost } = stored;
  const kept = [...agents.keys()].filter(
    (agent) => score.filter((cells) => typeof cells[agent] === "number").length >= minCoverage * score.length,
  );
  const rows = instances.flatMap(({ id, category }, row): RecordedRow[] => {
    const scores = kept.map((agent) => score[row]?.[agent] ?? Number.NaN);
    const costs = kept.map((agent) => cost?.[row]?.[agent] ?? Number.NaN);
    return scores.some(Number.isNaN) ? [] : [{ id, category, scores, costs }];
  });
  const isPriced = kept.every((_, agent) => rows.some(({ costs }) => Number.isFinite(costs[agent])));
  return { name, agents: kept.map((agent) => agents[agent]?.id ?? ""), rows, isPriced };
}

/** The reference points by table; `undefined` where the data does not lie beside the repository. */
export function readReferencePoints(): Readonly<Record<string, ReferencePoints>> | undefined {
  const file = join(suiteFolder, "refpoints.json");
  return existsSync(file)
    ? (JSON.parse(readFileSync(file, "utf8")) as Readonly<Record<string, ReferencePoints>>)
    : undefined;
}

export interface Halves {
  readonly train: readonly RecordedRow[];
  readonly test: readonly RecordedRow[];
}

/** The portable split of replay.mjs: in each category the half, rounded down, that comes first by sha256("SEED:ID"). */
export function halvesOf({ rows }: RecordedTable, seed: number): Halves {
  const train = new Set<RecordedRow>();
  for (const members of Map.groupBy(rows, ({ category }) => category).values()) {
    const keyed = members.map((row) => ({
      row,
      key: createHash("sha256").update(`${seed}:${row.id}`).digest("hex"),
    }));
    keyed.sort((one, other) => (one.key < other.key ? -1 : 1));
    for (const { row } of keyed.slice(0, Math.floor(keyed.length / 2))) train.add(row);
  }
  return { train: rows.filter((row) => train.has(row)), test: rows.filter((row) => !train.has(row)) };
}

type Cells = readonly (readonly (number | null)[])[];

interface StoredTable {
  readonly agents: readonly { readonly id: string }[];
  readonly instances: readonly { readonly id: string; readonly category: string }[];
  readonly score: Cells;
  readonly cost?: Cells | null;
}

function checkStored(name: string, stored: unknown): asserts stored is StoredTable {
  const { agents, instances, score } = stored as Partial<Record<keyof StoredTable, unknown>>;
  const isWhole =
    Array.isArray(agents) && Array.isArray(instances) && Array.isArray(score) && score.length === instances.length;
  if (!isWhole) throw new Error(`${name}: expected agents, instances and a row of scores for each instance`);
}
