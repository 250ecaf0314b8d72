import { describe, UsageError } from "#foundation";
import type { JsonObject } from "#foundation";
import { bootstrapFewShot } from "./teleprompters/few-shot/bootstrap-few-shot.ts";
import { evolution } from "./evolution.ts";
import { storedLearner } from "./learner/experienced.ts";
import { randomSearch } from "./random-search.ts";
import { auto } from "./search/auto.ts";
import { gp } from "./search/gp.ts";
import { grid } from "./search/grid.ts";
import { nsga2 } from "./search/pareto/nsga2.ts";
import { qmc } from "./search/qmc.ts";
import { searchTeleprompter } from "./search/search-teleprompter.ts";
import { tpe } from "./search/tpe.ts";
import type { Teleprompter } from "./teleprompter.ts";
import { beacon } from "./teleprompters/beacon/beacon.ts";
import { copro } from "./teleprompters/copro.ts";
import { bootstrapRandomSearch } from "./teleprompters/few-shot/bootstrap-random-search.ts";
import { labeledFewShot } from "./teleprompters/few-shot/labeled-few-shot.ts";
import { gepa } from "./teleprompters/gepa/gepa.ts";
import { inferRules } from "./teleprompters/infer-rules.ts";
import { mipro } from "./teleprompters/mipro/mipro.ts";
import { simba } from "./teleprompters/simba/simba.ts";
import { storedStages } from "./teleprompters/stages.ts";

/** Makes a teleprompter from its options, as a stored run or a command line names it. */
export type MakeTeleprompter = (options: JsonObject) => Teleprompter;

/** The teleprompters that come with tutti, by name. */
export const teleprompters: Readonly<Record<string, MakeTeleprompter>> = {
  random_search: (options) => randomSearch(options),
  evolution: (options) => evolution(options),
  labeled_few_shot: (options) => labeledFewShot(options),
  bootstrap_few_shot: (options) => bootstrapFewShot(options),
  bootstrap_random_search: (options) => bootstrapRandomSearch(options),
  simba: (options) => simba(options),
  gepa: (options) => gepa(options),
  qmc: (options) => searchTeleprompter(qmc(options), options),
  grid_search: (options) => searchTeleprompter(grid(), options),
  tpe: (options) => searchTeleprompter(tpe(options), options),
  gp: (options) => searchTeleprompter(gp(options), options),
  auto: (options) => searchTeleprompter(auto(options), options),
  nsga2: (options) => searchTeleprompter(nsga2(options), options),
  stages: (options) => storedStages(options, teleprompterNamed),
  learner: (options) => storedLearner(options, teleprompterNamed),
  copro: (options) => copro(options),
  mipro: (options) => mipro(options),
  beacon: (options) => beacon(options),
  infer_rules: (options) => inferRules(options),
};

/** The teleprompter of that name. Throws `UsageError` that lists the known ones. */
export function teleprompterNamed(
  name: unknown,
  options: JsonObject = {},
  known: Readonly<Record<string, MakeTeleprompter>> = teleprompters,
): Teleprompter {
  const make = typeof name === "string" && Object.hasOwn(known, name) ? known[name] : undefined;
  if (make !== undefined) return make(options);
  // Whatever learned begins with what earlier runs found, and goes on with one of these.
  if (name === "learner") return storedLearner(options, (inner, own) => teleprompterNamed(inner, own, known));
  throw new UsageError(`unknown teleprompter ${describe(name)}; known are ${Object.keys(known).join(", ")}`);
}
