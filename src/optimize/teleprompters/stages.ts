import { canonicalJson, describe, isPlainObject, present, UsageError } from "#foundation";
import type { JsonObject, Rng } from "#foundation";
import { activeVariables, settleConfiguration } from "#variables";
import type { Configuration, Space, Variable } from "#variables";
import { restrictSpace } from "#variables/search";
import { checkCounts } from "../check-counts.ts";
import type { Incumbent, Task, Teleprompter, Told, Work } from "../teleprompter.ts";

/** One search of several, and what it may change. */
export interface SearchStage {
  readonly teleprompter: Teleprompter;
  /** The names of the variables that it may change. Without names and kinds it may change all. */
  readonly variables?: readonly string[];
  /** The kinds of variable that it may change, such as `["text", "demos"]`. */
  readonly kinds?: readonly Variable["kind"][];
  /** Its part of `examples`; 1 unless told. */
  readonly share?: number;
}

export interface StagesOptions {
  /**
   * How many example runs all stages may make together; a proposal counts as one, what is answered from earlier
   * measurements and what a lost race leaves out as none. Each stage begins work as long as its share lasts, and what those
   * before it left; no work is begun that could go beyond the whole. No limit unless told: every stage goes on until it has
   * finished.
   */
  readonly examples?: number;
}

export interface StagesState {
  readonly task: Task;
  /** Whose turn it is. */
  readonly stage: number;
  /** The task of that stage is the whole one from this configuration on. */
  readonly from: Configuration;
  /** What that stage knows, and what it may change. */
  readonly inner: unknown;
  readonly varying: readonly string[];
  /** How many items are out, and how many example runs there were so far, with the most that those come to. */
  readonly out: number;
  readonly spent: number;
  /** The best configuration of the stages before. */
  readonly before: Incumbent | null;
}

/** What the stages are made of and may spend. */
interface Plan {
  readonly stages: readonly SearchStage[];
  readonly examples: number | undefined;
}

/**
 * Teleprompters one after the other, each in its part of the space: the prompts of every block, then the numbers, then
 * everything together, as in MASS (Zhou et al. 2025, arXiv 2502.02533). Each begins at the best configuration of the one
 * before and leaves what it may not change as it is there; what that configuration scores is known by then and costs
 * nothing. A stage ends when it has finished, has nothing to ask, or has used its share; one that finds nothing to
 * change in the configuration that it begins at is passed over. The work of a stage has its number before its id: `2:baseline`.
 */
export function stages(parts: readonly SearchStage[], { examples }: StagesOptions = {}): Teleprompter<StagesState> {
  checkStages(parts);
  if (examples !== undefined) checkCounts("stages", { examples });
  const plan: Plan = { stages: parts, examples };
  const described = parts.map(({ teleprompter: { name, options }, variables, kinds, share }): JsonObject => {
    return { name, options, ...present({ variables, kinds, share }) };
  });
  return {
    name: "stages",
    options: { stages: described, ...present({ examples }) },
    start: (task) => startState(plan, task),
    ask: (state, rng, capacity) => nextWork(plan, state, { rng, capacity }),
    tell: (state, told) => tell(plan, state, told),
    finished: (state) => finished(plan, state),
    incumbent: (state) => incumbentOf(plan, state),
  };
}

/** The stages that stored options name. */
export function storedStages(
  options: JsonObject,
  teleprompterNamed: (name: unknown, options: JsonObject) => Teleprompter,
): Teleprompter<StagesState> {
  const { stages: parts, ...others } = options;
  if (!Array.isArray(parts) || !parts.every(isPlainObject))
    throw new UsageError(
      `stages.stages: expected a list of { name, options, variables, kinds, share }, got ${describe(parts)}`,
    );
  const made = parts.map(({ name, options: own = {}, ...what }) => {
    return { ...what, teleprompter: teleprompterNamed(name, own as JsonObject) };
  });
  return stages(made, others);
}

function checkStages(parts: readonly SearchStage[]): void {
  if (!Array.isArray(parts) || parts.length === 0)
    throw new UsageError(`stages: expected at least one { teleprompter, variables }, got ${describe(parts)}`);
  for (const [index, { teleprompter, share = 1 }] of (parts as readonly SearchStage[]).entries()) {
    if (typeof teleprompter?.ask !== "function")
      throw new UsageError(`stages[${index}].teleprompter: expected a teleprompter, got ${describe(teleprompter)}`);
    if (!Number.isFinite(share) || share <= 0)
      throw new UsageError(`stages[${index}].share: expected a number above 0, got ${describe(share)}`);
  }
}

/** Every stage is begun once at the baseline, so that what is wrong with one is said before the first is paid for. */
function startState(plan: Plan, task: Task): StagesState {
  const begun = plan.stages.map((_, stage) => beginStage(plan, { task, stage, from: task.baseline }));
  const [first] = begun as [Begun];
  return { task, stage: 0, from: task.baseline, ...first, out: 0, spent: 0, before: null };
}

type Begun = Pick<StagesState, "inner" | "varying">;

function beginStage(plan: Plan, { task, stage, from }: Pick<StagesState, "task" | "stage" | "from">): Begun {
  const { teleprompter, variables, kinds } = plan.stages[stage] as SearchStage;
  const where = `stages[${stage}], ${teleprompter.name}`;
  const names = variablesOf(task.space, { variables, kinds }, where);
  const restricted = restrictSpace(task.space, names, from);
  const varying = restricted.variables.map(({ name }) => name).filter((name) => names.includes(name));
  if (varying.length === 0) throw new UsageError(`${where}: none of ${names.join(", ")} can be changed here`);
  return { inner: teleprompter.start({ ...task, space: restricted, baseline: from }), varying };
}

function variablesOf(
  { variables: all }: Space,
  { variables, kinds }: { readonly variables: SearchStage["variables"]; readonly kinds: SearchStage["kinds"] },
  where: string,
): readonly string[] {
  const known = all.map(({ name }) => name);
  if (variables === undefined && kinds === undefined) return known;
  const unknown = variables?.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new UsageError(`${where}: expected names of ${known.join(", ")}, got ${describe(unknown)}`);
  const names = all.filter(({ name, kind }) => variables?.includes(name) === true || kinds?.includes(kind) === true);
  if (names.length > 0) return names.map(({ name }) => name);
  throw new UsageError(`${where}: the space has no variable of the kinds ${kinds?.join(", ") ?? ""}`);
}

interface Asked {
  readonly rng: Rng;
  readonly capacity: number;
}

/** What the present stage asks; when it has nothing left and nothing is out, what the next one asks. */
function nextWork(plan: Plan, state: StagesState, asked: Asked): readonly Work[] {
  for (let now: StagesState | undefined = state; now !== undefined; now = nextStage(plan, now)) {
    const work = stageWork(plan, now, asked);
    if (work.length > 0 || now.out > 0) return work;
  }
  return [];
}

function stageWork(plan: Plan, state: StagesState, { rng, capacity }: Asked): readonly Work[] {
  const { teleprompter } = plan.stages[state.stage] as SearchStage;
  if (teleprompter.finished(state.inner) !== undefined) return [];
  const work = teleprompter.ask(state.inner, rng.fork(`stage ${state.stage + 1}`), capacity);
  return covered(plan, state, work).map((item) => outward(plan, state, item));
}

/** The first items: those that begin within the stage's share, and end within what all may run. */
function covered(plan: Plan, { stage, spent }: StagesState, work: readonly Work[]): readonly Work[] {
  const { examples: all = Infinity } = plan;
  const share = limitOf(plan, stage);
  let reserved = spent;
  const end = work.findIndex((item) => reserved >= share || (reserved += sizeOf(item)) > all);
  return end < 0 ? work : work.slice(0, end);
}

/** How many example runs there may have been when a stage begins its last item. */
function limitOf({ stages: parts, examples }: Plan, stage: number): number {
  if (examples === undefined) return Infinity;
  const shares = parts.map(({ share = 1 }) => share);
  const total = (some: readonly number[]): number => some.reduce((sum, share) => sum + share, 0);
  return Math.round((examples * total(shares.slice(0, stage + 1))) / total(shares));
}

/** The most example runs that an item comes to. */
function sizeOf(work: Work): number {
  return work.kind === "evaluate" ? work.examples.length : 1;
}

/** How many example runs an item did not need: its examples were measured before, or its race was lost before them. */
function savedBy(told: Exclude<Told, { readonly type: "issued" }>): number {
  if (told.type === "completed") return 0;
  return sizeOf(told.work) - told.results.filter(({ reused }) => reused !== true).length;
}

/** The state in which the next stage that can begin has begun; `undefined` after the last one. */
function nextStage(plan: Plan, state: StagesState): StagesState | undefined {
  const found = incumbentOf(plan, state);
  const from = found?.configuration ?? state.from;
  for (let stage = state.stage + 1; stage < plan.stages.length; stage++) {
    const begun = tryToBegin(plan, { task: state.task, stage, from });
    if (begun !== undefined) return { ...state, ...begun, stage, from, before: found ?? null };
  }
  return undefined;
}

/** What a stage needs may have become inactive in the configuration that was found. */
function tryToBegin(plan: Plan, place: Pick<StagesState, "task" | "stage" | "from">): Begun | undefined {
  try {
    return beginStage(plan, place);
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

function incumbentOf(plan: Plan, state: StagesState): Incumbent | undefined {
  const { teleprompter } = plan.stages[state.stage] as SearchStage;
  const found = teleprompter.incumbent(state.inner);
  if (found === undefined) return state.before ?? undefined;
  const { configuration, score, work } = found;
  return { configuration: whole(state, configuration), ...present({ score }), work: outwardId(state.stage, work) };
}

function finished(plan: Plan, state: StagesState): string | undefined {
  if (state.out > 0 || state.stage < plan.stages.length - 1) return undefined;
  const { teleprompter } = plan.stages[state.stage] as SearchStage;
  const reason = teleprompter.finished(state.inner);
  return reason && `all ${plan.stages.length} stages have ended, the last one because ${reason}`;
}

function tell(plan: Plan, state: StagesState, told: Told): StagesState {
  if (told.type === "issued") return withIssued(plan, state, told.work);
  if (stageOf(told.work) !== state.stage) return state;
  const { teleprompter } = plan.stages[state.stage] as SearchStage;
  const heard: Told =
    told.type === "evaluated"
      ? { ...told, work: inward(plan, state, told.work) }
      : { ...told, work: inward(plan, state, told.work) };
  const spent = state.spent - savedBy(told);
  return { ...state, out: state.out - 1, spent, inner: teleprompter.tell(state.inner, heard) };
}

/** The first work of a stage says that it has begun. */
function withIssued(plan: Plan, before: StagesState, work: readonly Work[]): StagesState {
  const [first] = work;
  if (first === undefined) return before;
  let state = before;
  while (state.stage < stageOf(first)) {
    const next = nextStage(plan, state);
    if (next === undefined) return state;
    state = next;
  }
  const { teleprompter } = plan.stages[state.stage] as SearchStage;
  const issued = work.map((item) => inward(plan, state, item));
  return {
    ...state,
    out: state.out + work.length,
    spent: state.spent + work.reduce((sum, item) => sum + sizeOf(item), 0),
    inner: teleprompter.tell(state.inner, { type: "issued", work: issued }),
  };
}

function outwardId(stage: number, id: string): string {
  return `${stage + 1}:${id}`;
}

function inwardId(id: string): string {
  return id.slice(id.indexOf(":") + 1);
}

function stageOf({ id }: Work): number {
  return Number(id.slice(0, id.indexOf(":"))) - 1;
}

/** The stage's work as everybody sees it. Where its configuration is not the whole one, the note keeps it for the stage. */
function outward(plan: Plan, state: StagesState, work: Work): Work {
  const id = outwardId(state.stage, work.id);
  const purpose = `${stageName(plan, state)}${work.purpose}`;
  if (work.kind === "complete") return { ...work, id, purpose };
  const { note, ...asked } = work;
  const configuration = whole(state, work.configuration);
  const isSame = canonicalJson(configuration) === canonicalJson(work.configuration);
  const kept = present({ note, configuration: isSame ? undefined : work.configuration });
  const race = work.race && { ...work.race, against: whole(state, work.race.against) };
  return {
    ...asked,
    id,
    purpose,
    configuration,
    ...present({ race, note: Object.keys(kept).length === 0 ? undefined : kept }),
  };
}

/** The work as the stage asked for it. */
function inward<W extends Work>(plan: Plan, state: StagesState, work: W): W {
  const id = inwardId(work.id);
  const name = stageName(plan, state);
  const purpose = work.purpose.startsWith(name) ? work.purpose.slice(name.length) : work.purpose;
  if (work.kind === "complete") return { ...work, id, purpose };
  const { note: kept = {}, ...asked } = work;
  const { note, configuration = work.configuration } = kept as Kept;
  return { ...asked, id, purpose, configuration, ...present({ note }) } as W;
}

interface Kept {
  readonly note?: JsonObject;
  readonly configuration?: Configuration;
}

function stageName({ stages: parts }: Plan, { stage }: StagesState): string {
  return `stage ${stage + 1}, ${(parts[stage] as SearchStage).teleprompter.name}: `;
}

/**
 * What a stage proposed as a configuration of the whole space: only what it may change differs from where it began, and
 * what that makes active or inactive.
 */
function whole({ task: { space }, from, varying }: StagesState, proposed: Configuration): Configuration {
  const names = new Set(varying);
  const kept = Object.entries(from).filter(([path]) => !names.has(path));
  const changed = Object.entries(proposed).filter(([path]) => names.has(path));
  const merged = { ...Object.fromEntries(kept), ...Object.fromEntries(changed) };
  if (canonicalJson(merged) === canonicalJson(from)) return from;
  const own = new Set(space.variables.map(({ name }) => name));
  const before = new Set(activeVariables(space, from).map(({ name }) => name));
  // What was left to its default stays left to it.
  const settled = Object.entries(settleConfiguration(space, merged)).filter(
    ([path]) => Object.hasOwn(merged, path) || !before.has(path),
  );
  return {
    ...Object.fromEntries(Object.entries(merged).filter(([path]) => !own.has(path))),
    ...Object.fromEntries(settled),
  };
}
