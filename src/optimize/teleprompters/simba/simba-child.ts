import { integerBelow, pick, sampleItems } from "#foundation";
import type { JsonObject, Rng } from "#foundation";
import { activeVariables } from "#variables";
import { mutateConfiguration, restrictSpace } from "#variables/search";
import type { Configuration, Variable } from "#variables";
import { textTargets } from "../../proposing/text-target.ts";
import type { TextTarget } from "../../proposing/text-target.ts";
import type { CompleteWork, Task } from "../../teleprompter.ts";
import type { Draft, Member } from "../pool/member.ts";
import { shrunkenMeans } from "../pool/shrunken-means.ts";
import type { Trajectory } from "../pool/trajectory.ts";
import { drawnByWorth, weightedPlace } from "../pool/weighted-draw.ts";
import { demosVariables, withAppendedDemo } from "./appended-demo.ts";
import { bucketsOn } from "./buckets.ts";
import type { Bucket } from "./buckets.ts";
import { adviceWork } from "./rule-advice.ts";
import { editWork } from "./rule-edit.ts";
import { ruleEffects } from "./rule-effects.ts";
import { bareConfiguration, rulesOf, withoutRule } from "./rules.ts";
import { draftOf, orderId } from "./simba-state.ts";
import type { Order, SimbaState } from "./simba-state.ts";
import { creditOf } from "./simba-strategy.ts";
import type { SimbaStrategy } from "./simba-strategy.ts";

export interface ChildOptions {
  readonly strategies: readonly SimbaStrategy[];
  readonly maxDemos: number;
  /** The place of the child in its step, and the step's training examples. */
  readonly turn: number;
  readonly batch: readonly number[];
  readonly rng: Rng;
}

/** A child to run, or the call that asks for its text. */
export type Child = { readonly draft: Draft } | { readonly ask: CompleteWork };

/** What one child is made from. */
interface Material extends Pick<ChildOptions, "maxDemos" | "rng"> {
  readonly state: SimbaState;
  readonly parent: number;
  readonly member: Member;
  readonly targets: readonly TextTarget[];
  readonly bucket: Bucket | undefined;
  /** All that something can be learnt from, and the score that no success may be below. */
  readonly teaching: readonly Bucket[];
  readonly low: number;
  readonly trajectories: readonly Trajectory[];
}

/** How often another parent and another example are drawn before there counts as nothing new to make. */
const maxDraws = 12;

const makers: Readonly<Record<SimbaStrategy, (material: Material) => Child | undefined>> = {
  append_a_demo: appendDemo,
  append_a_rule: appendRule,
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
  const { strategies, batch, turn, rng, maxDemos } = options;
  const worths = shrunkenMeans(state.pool, "train");
  const buckets = bucketsOn(batch, state.trajectories);
  const teaching = buckets.sorted.filter(({ teaches }) => teaches);
  const trajectories = buckets.sorted.flatMap(({ worst, best }) => (worst === best ? [worst] : [worst, best]));
  const { low } = buckets;
  const targets = textTargets(state.task);
  for (let draw = 0; draw < maxDraws; draw++) {
    const chance = rng.fork(`draw ${draw}`);
    const [parent] = drawnByWorth(chance.fork("parent"), worths, 1);
    if (parent === undefined) return undefined;
    const bucket = teaching[(turn + draw) % Math.max(1, teaching.length)];
    const member = state.pool[parent] as Member;
    const what = { bucket, teaching, low, trajectories, maxDemos };
    const material: Material = { ...what, state, parent, member, targets, rng: chance };
    for (const strategy of drawnStrategies(state, strategies, chance.fork("strategy"))) {
      const child = makers[strategy](material);
      if (child !== undefined) return child;
    }
  }
  return undefined;
}

/** All of them in an order drawn by their credits. */
function drawnStrategies({ pool }: SimbaState, strategies: readonly SimbaStrategy[], rng: Rng): SimbaStrategy[] {
  const left = [...strategies];
  const drawn: SimbaStrategy[] = [];
  while (left.length > 0) {
    const weights = left.map((strategy) => creditOf(pool, strategy));
    drawn.push(...left.splice(weightedPlace(rng, weights), 1));
  }
  return drawn;
}

/** One demo, or two, or four: from the child's example and from others that tell much. */
function appendDemo(material: Material): Child | undefined {
  const { state, bucket, teaching, targets, member, maxDemos, rng } = material;
  if (bucket === undefined) return undefined;
  const count = pick(rng.fork("demos"), counts);
  const others = sampleItems(rng.fork("others"), teaching.filter((each) => each !== bucket), count - 1); // prettier-ignore
  let bare: Configuration | undefined;
  for (const { best, example } of [...others, bucket]) {
    const options = { maxDemos, isSuccess: best.score > material.low, rng: rng.fork(`demo of ${example}`) };
    const before = bare ?? bareConfiguration(targets, member);
    bare = withAppendedDemo(state.task, before, best, options) ?? bare;
  }
  const examples = [...others, bucket].map(({ example }) => example).join(", ");
  return bare && drafted(material, "append_a_demo", { bare, what: `training examples ${examples} shown to` });
}

/**
 * A rule from the contrast of best and worst on the child's example, or on two, or four that tell much: a call costs
 * little beside the runs that judge what comes of it.
 */
function appendRule({ state, parent, targets, bucket, teaching, rng }: Material): Child | undefined {
  if (targets.length === 0 || bucket === undefined) return undefined;
  const telling = teaching.filter((each) => isTelling(state.task, each));
  if (!telling.includes(bucket)) return undefined;
  const others = sampleItems(rng.fork("contrasts"), telling.filter((each) => each !== bucket), pick(rng.fork("rules"), counts) - 1); // prettier-ignore
  const lessons = [bucket, ...others].map(({ example }) => ({ example }));
  return { ask: lessonCall(state, { strategy: "append_a_rule", child: state.begun, parent, lessons }, 0) };
}

const counts = [1, 2, 4] as const;

/** Where nobody did better, what would have been right must be known, or what the metric says. */
function isTelling({ train }: Task, { gap, example, worst }: Bucket): boolean {
  const expected = (train[example]?.expected ?? {}) as JsonObject;
  return gap > 0 || Object.keys(expected).length > 0 || worst.feedback !== undefined;
}

/** The call for one of the rules that an order wants. */
export function lessonCall(
  { task, trajectories }: SimbaState,
  order: Pick<Order, "strategy" | "child" | "parent" | "lessons">,
  part: number,
): CompleteWork {
  const lesson = order.lessons[part] as { readonly example: number };
  const { best, worst: worse, gap } = bucketsOn([lesson.example], trajectories).sorted[0] as Bucket;
  const better = gap > 0 ? best : undefined;
  return adviceWork(task, { id: orderId(order, part), targets: textTargets(task), worse, better });
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

const maxMoves = 2;

function moveValues(material: Material): Child | undefined {
  const { state, member, targets, rng } = material;
  const bare = bareConfiguration(targets, member);
  const names = movableNames(state.task, bare);
  if (names.length === 0) return undefined;
  const among = restrictSpace(state.task.space, names, bare);
  const variables = 1 + integerBelow(rng.fork("moves"), maxMoves);
  const moved = mutateConfiguration(among, bare, rng.fork("move"), { variables });
  return drafted(material, "move_values", { bare: { ...bare, ...moved }, what: "other values for" });
}

/** What moves without anybody writing: everything but demos, and texts that have no candidates. */
export function movableNames({ space }: Task, configuration: Configuration): string[] {
  const isMovable = (variable: Variable): boolean =>
    variable.kind === "text" ? (variable.candidates ?? []).length > 1 : variable.kind !== "demos";
  return activeVariables(space, configuration)
    .filter((variable) => isMovable(variable) && variable.kind !== "composite")
    .map(({ name }) => name);
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
