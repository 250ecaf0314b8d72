import { pick, sampleItems } from "#foundation";
import type { Rng } from "#foundation";
import type { Configuration } from "#variables";
import { textTargets } from "../../proposing/text-target.ts";
import type { TextTarget } from "../../proposing/text-target.ts";
import type { CompleteWork, Task } from "../../teleprompter.ts";
import type { Draft, Member } from "../pool/member.ts";
import { commonAncestor } from "../gepa/merged-configuration.ts";
import { shrunkenMeans } from "../pool/shrunken-means.ts";
import type { Trajectory } from "../pool/trajectory.ts";
import { drawnByWorth, weightedPlace } from "../pool/weighted-draw.ts";
import { demosVariables, withAppendedDemo } from "./appended-demo.ts";
import { byAnswers } from "./answer-order.ts";
import { bucketsOn } from "./buckets.ts";
import type { Bucket } from "./buckets.ts";
import { combined } from "./combined.ts";
import { isTelling, lessonCall, lessonsFor } from "./lessons.ts";
import { movedValues } from "./moved-values.ts";
import { editWork } from "./rule-edit.ts";
import { ruleEffects } from "./rule-effects.ts";
import { bareConfiguration, rulesOf, withoutRule } from "./rules.ts";
import { draftOf, orderId } from "./simba-state.ts";
import type { SimbaState } from "./simba-state.ts";
import { creditsOf, gainOverParent, simbaStrategies } from "./simba-strategy.ts";
import type { SimbaStrategy } from "./simba-strategy.ts";

export interface ChildOptions {
  readonly strategies: readonly SimbaStrategy[];
  readonly maxDemos: number;
  readonly maxRules: number;
  /** The most tokens that a call is shown beside its contrast, estimated. */
  readonly shownTokens: number;
  /** Who may have a child, by their places in the pool. */
  readonly parents: readonly number[];
  /** The place of the child in its step, and the step's training examples. */
  readonly turn: number;
  readonly batch: readonly number[];
  readonly rng: Rng;
}

/** A child to run, or the call that asks for its text. */
export type Child = { readonly draft: Draft } | { readonly ask: CompleteWork };

/** What one child is made from. */
interface Material extends Pick<ChildOptions, "batch" | "maxDemos" | "maxRules" | "shownTokens" | "rng"> {
  readonly state: SimbaState;
  readonly parent: number;
  readonly member: Member;
  readonly targets: readonly TextTarget[];
  readonly bucket: Bucket | undefined;
  /** All examples that the child may know, those of them that teach something, and what a success is better than. */
  readonly buckets: readonly Bucket[];
  readonly teaching: readonly Bucket[];
  readonly low: number;
  readonly trajectories: readonly Trajectory[];
}

/** How often another parent and another example are drawn before there counts as nothing new to make. */
const maxDraws = 12;

const makers: Readonly<Record<SimbaStrategy, (material: Material) => Child | undefined>> = {
  append_a_rule: appendRule,
  append_a_demo: appendDemo,
  combine_two: combineTwo,
  edit_a_rule: editRule,
  drop_a_rule: dropRule,
  move_values: moveValues,
};

/**
 * The next child: of a parent drawn by its worth, by a strategy drawn by its credit, from the next of the examples that
 * tell most. A strategy that has nothing to do there, or that comes to something tried before, leaves its place to the
 * next one. `undefined` where nothing new comes of it.
 */
export function nextChild(state: SimbaState, options: ChildOptions): Child | undefined {
  const { strategies, batch, turn, rng, maxDemos, maxRules, shownTokens, parents } = options;
  const worths = shrunkenMeans(state.pool, "train").map((worth, place) =>
    parents.includes(place) ? worth : undefined,
  );
  const known = lessonsFor(batch, state);
  const { sorted: buckets, low } = bucketsOn([...new Set(known.map(({ example }) => example))], known);
  const teaching = buckets.filter(({ teaches }) => teaches);
  const trajectories = buckets.flatMap(({ worst, best }) => (worst === best ? [worst] : [worst, best]));
  const targets = textTargets(state.task);
  for (let draw = 0; draw < maxDraws; draw++) {
    const chance = rng.fork(`draw ${draw}`);
    const [parent] = drawnByWorth(chance.fork("parent"), worths, 1);
    if (parent === undefined) return undefined;
    const bucket = teaching[(turn + draw) % Math.max(1, teaching.length)];
    const member = state.pool[parent] as Member;
    const what = { bucket, buckets, teaching, low, trajectories, batch, maxDemos, maxRules, shownTokens };
    const material: Material = { ...what, state, parent, member, targets, rng: chance };
    for (const strategy of drawnStrategies(state, strategies, chance.fork("strategy"))) {
      const child = makers[strategy](material);
      if (child !== undefined) return child;
    }
  }
  return undefined;
}

/** All of them in an order drawn by their credits; for the first child as they stand. */
function drawnStrategies(state: SimbaState, strategies: readonly SimbaStrategy[], rng: Rng): readonly SimbaStrategy[] {
  if (state.begun === 0) return simbaStrategies.filter((each) => strategies.includes(each));
  const credits = creditsOf(state, strategies);
  const left = [...strategies];
  const drawn: SimbaStrategy[] = [];
  while (left.length > 0) {
    const weights = left.map((strategy) => credits.get(strategy) ?? 0);
    drawn.push(...left.splice(weightedPlace(rng, weights), 1));
  }
  return drawn;
}

/** How many demos or rules a child may get at once. */
const demoCounts = [1, 4, 8, 16] as const;

/** Some demos: from the child's example and from others, those that tell much and those with different answers first. */
function appendDemo(material: Material): Child | undefined {
  const { state, bucket, buckets, low, targets, member, maxDemos, rng } = material;
  if (bucket === undefined) return undefined;
  const count = pick(rng.fork("demos"), demoCounts.filter((each) => each <= maxDemos)); // prettier-ignore
  const others = byAnswers(rng.fork("others"), state.task, buckets.filter((each) => each !== bucket)); // prettier-ignore
  const shown = [bucket, ...others.slice(0, count - 1)];
  let bare: Configuration | undefined;
  for (const { best, example } of shown.toReversed()) {
    const options = { maxDemos, isSuccess: best.score > low, rng: rng.fork(`demo of ${example}`) };
    const before = bare ?? bareConfiguration(targets, member);
    bare = withAppendedDemo(state.task, before, best, options) ?? bare;
  }
  const examples = shown.map(({ example }) => example).join(", ");
  return bare && drafted(material, "append_a_demo", { bare, what: `training examples ${examples} shown to` });
}

/** A child asks for rules so often, each time beside other cases: a call costs little beside the runs that judge it. */
const lessonCount = 6;

/** Rules from the contrasts of best and worst on the child's example, and on others that tell much. */
function appendRule(material: Material): Child | undefined {
  const { state, parent, targets, bucket, teaching, rng } = material;
  if (targets.length === 0 || bucket === undefined) return undefined;
  const telling = teaching.filter((each) => isTelling(state.task, each));
  if (!telling.includes(bucket)) return undefined;
  const others = sampleItems(rng.fork("contrasts"), telling.filter((each) => each !== bucket), lessonCount - 1); // prettier-ignore
  const lessons = [bucket, ...others].map(({ example }) => ({ example }));
  const order = { strategy: "append_a_rule", child: state.begun, parent, lessons } as const;
  return { ask: lessonCall(material, order, 0) };
}

/** What another member gained since both come from one, for the parent. */
function combineTwo(material: Material): Child | undefined {
  const { state, parent, member, targets, maxRules, rng } = material;
  const { pool, task } = state;
  const worths = shrunkenMeans(pool, "train").map((worth, place) => {
    const other = pool[place] as Member;
    return place !== parent && (gainOverParent(pool, other) ?? 0) > 0 ? worth : undefined;
  });
  for (const place of drawnByWorth(rng.fork("other"), worths, maxDraws)) {
    const common = commonAncestor(pool, parent, place);
    const ancestor = common === undefined ? undefined : pool[common];
    const both = ancestor && combined(task, targets, { member, other: pool[place] as Member, ancestor, maxRules });
    const child = both && drafted(material, "combine_two", { ...both, what: `what configuration ${place} gained for` });
    if (child !== undefined) return child;
  }
  return undefined;
}

function editRule({ state, parent, member, targets, trajectories, rng }: Material): Child | undefined {
  const places = rulePlaces(member, targets);
  if (places.length === 0) return undefined;
  const { target, place } = pick(rng.fork("rule"), places);
  const rule = rulesOf(member)[target.name]?.[place];
  if (rule === undefined) return undefined;
  const lessons = [{ place, target: target.name }];
  const id = orderId({ strategy: "edit_a_rule", child: state.begun, parent, lessons }, 0);
  return { ask: editWork(state.task, { id, target, rule, trajectories, rng: rng.fork("cases") }) };
}

/** Without the rule that helps least. */
function dropRule(material: Material): Child | undefined {
  const { state, member, targets, rng } = material;
  const places = targets.flatMap((target) => {
    const effects = ruleEffects(state.pool, target.name);
    const own = rulesOf(member)[target.name] ?? [];
    return own.map(({ text }, place) => ({ target, place, help: effects.get(text) ?? 0 }));
  });
  const least = Math.min(...places.map(({ help }) => help));
  const candidates = places.filter(({ help }) => help === least);
  if (candidates.length === 0) return undefined;
  const { target, place } = pick(rng.fork("drop"), candidates);
  const rules = withoutRule(rulesOf(member), target.name, place);
  return drafted(material, "drop_a_rule", { rules, what: "a rule taken from" });
}

interface RulePlace {
  readonly target: TextTarget;
  readonly place: number;
}

function rulePlaces(member: Member, targets: readonly TextTarget[]): RulePlace[] {
  const rules = rulesOf(member);
  return targets.flatMap((target) => (rules[target.name] ?? []).map((_, place) => ({ target, place })));
}

function moveValues(material: Material): Child | undefined {
  const { state, member, targets, rng } = material;
  const moved = movedValues(state, member, rng);
  const bare = { ...bareConfiguration(targets, member), ...moved };
  return moved && drafted(material, "move_values", { bare, what: "other values for" });
}

interface Change {
  readonly bare?: Configuration;
  readonly rules?: ReturnType<typeof rulesOf>;
  readonly what: string;
}

function drafted({ state, parent, member }: Material, strategy: SimbaStrategy, change: Change): Child | undefined {
  const { bare, rules = rulesOf(member), what } = change;
  const made = { rules, purpose: `${what} configuration ${parent}`, ...(bare && { bare }) };
  const draft = draftOf(state, { strategy, child: state.begun, parent }, made);
  return draft && { draft };
}

/** Whether a task leaves anything to write or to show. */
export function hasMaterial(task: Task): boolean {
  return textTargets(task).length > 0 || demosVariables(task, task.baseline).length > 0;
}
