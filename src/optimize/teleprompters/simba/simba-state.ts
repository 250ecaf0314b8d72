import { canonicalJson } from "#foundation";
import type { JsonObject } from "#foundation";
import { completeConfiguration } from "../../proposal.ts";
import { checkText } from "../../proposing/read-proposal.ts";
import { textRead, textTargets, textValue } from "../../proposing/text-target.ts";
import type { TextTarget } from "../../proposing/text-target.ts";
import type { CompleteResult, CompleteWork, EvaluateWork, Task, Told, Work } from "../../teleprompter.ts";
import type { Configuration } from "#variables";
import { withIssued, withResults } from "../pool/member.ts";
import type { Draft, Member } from "../pool/member.ts";
import { trajectoriesOf } from "../pool/trajectory.ts";
import type { Trajectory } from "../pool/trajectory.ts";
import { withTrajectories } from "./buckets.ts";
import { readAdvice } from "./rule-advice.ts";
import { editedRules } from "./rule-edit.ts";
import { bareConfiguration, ruledConfiguration, rulesOf, withoutRule, withRules } from "./rules.ts";
import type { RuleLimits, Rules } from "./rules.ts";
import type { BarrenTurns, SimbaStrategy } from "./simba-strategy.ts";

export interface SimbaState {
  readonly task: Task;
  /** In the order of their first runs, the baseline first. */
  readonly pool: readonly Member[];
  /** Of each training example the best and the worst that the pool did on it. */
  readonly trajectories: readonly Trajectory[];
  /** How many children were begun, those included that wait for a text or came to nothing. */
  readonly begun: number;
  /** The children that wait for texts. */
  readonly orders: readonly Order[];
  /** Children whose text came, and that were not run yet. */
  readonly drafts: readonly Draft[];
  /** How many calls failed: each halves what the next ones are shown, for a prompt may have been too long. */
  readonly failed: number;
  /** The children of which nothing came: their strategies have had these turns too. */
  readonly barren: BarrenTurns;
}

/** A child that waits for texts: a rule from each of some examples, or another wording of one rule. */
export interface Order {
  readonly strategy: "append_a_rule" | "edit_a_rule";
  /** The child's number. */
  readonly child: number;
  readonly parent: number;
  /** What is asked for, one call each, and how many of the calls are issued and answered. */
  readonly lessons: readonly Lesson[];
  readonly issued: number;
  readonly answered: number;
  /** The rules that the child has so far. */
  readonly rules: Rules;
}

/** The training example that a rule is learnt on, or the place of the rule of a text that is worded anew. */
type Lesson = { readonly example: number } | { readonly place: number; readonly target: string };

/** The id of a call says what the order is, so that the log of the items is enough. */
export function orderId(order: Pick<Order, "strategy" | "child" | "parent" | "lessons">, part: number): string {
  const { strategy, child, parent, lessons } = order;
  const what = lessons.map((lesson) => ("example" in lesson ? lesson.example : `${lesson.place}-of-${lesson.target}`));
  return `child-${child}-of-${parent}-by-${strategy}/${part}/${what.join(",")}`;
}

const orderPattern = /^child-(\d+)-of-(\d+)-by-(append_a_rule|edit_a_rule)\/(\d+)\/(.+)$/;

interface Call extends Pick<Order, "strategy" | "child" | "parent" | "lessons"> {
  readonly lesson: Lesson;
}

function callOf({ id }: CompleteWork): Call | undefined {
  const [, child, parent, strategy, part, what = ""] = orderPattern.exec(id) ?? [];
  if (strategy !== "append_a_rule" && strategy !== "edit_a_rule") return undefined;
  const lessons = strategy === "edit_a_rule" ? [wordingOf(what)] : what.split(",").map((each) => ({ example: Number(each) })); // prettier-ignore
  const lesson = lessons[Number(part)];
  return lesson && { strategy, child: Number(child), parent: Number(parent), lessons, lesson };
}

function wordingOf(what: string): Lesson {
  const at = what.indexOf("-of-");
  return { place: Number(what.slice(0, at)), target: what.slice(at + 4) };
}

export function startState(task: Task): SimbaState {
  return { task, pool: [], trajectories: [], begun: 0, orders: [], drafts: [], failed: 0, barren: {} };
}

export function tell(state: SimbaState, told: Told, limits: RuleLimits): SimbaState {
  switch (told.type) {
    case "issued":
      return told.work.reduce(withWork, state);
    case "evaluated":
      return {
        ...state,
        pool: withResults(state.pool, told),
        trajectories:
          told.work.split === "train" ? withTrajectories(state.trajectories, trajectoriesOf(told)) : state.trajectories,
      };
    case "completed":
      return withText(state, told, limits);
  }
}

export function withWork(state: SimbaState, work: Work): SimbaState {
  if (work.kind === "complete") return withCall(state, callOf(work));
  const child = childNumber(work);
  const waiting = state.drafts.filter(({ origin }) => origin.note["child"] !== child);
  const isBegun = child === undefined || waiting.length < state.drafts.length;
  return {
    ...state,
    pool: withIssued(state.pool, work),
    begun: state.begun + (isBegun ? 0 : 1),
    drafts: waiting,
  };
}

/** The number of the child that an item runs for the first time. */
function childNumber({ note }: EvaluateWork): number | undefined {
  const child = (note?.["more"] as JsonObject | undefined)?.["child"];
  return typeof child === "number" ? child : undefined;
}

interface Answer {
  readonly work: CompleteWork;
  readonly result: CompleteResult;
}

function withCall(state: SimbaState, call: Call | undefined): SimbaState {
  if (call === undefined) return state;
  const { lesson: _, ...order } = call;
  const known = state.orders.find(({ child }) => child === call.child);
  if (known !== undefined) return changedOrder(state, { ...known, issued: known.issued + 1 });
  const rules = rulesOf(state.pool[call.parent] as Member);
  return { ...state, begun: state.begun + 1, orders: [...state.orders, { ...order, issued: 1, answered: 0, rules }] };
}

function changedOrder(state: SimbaState, order: Order): SimbaState {
  return { ...state, orders: state.orders.map((each) => (each.child === order.child ? order : each)) };
}

/**
 * What a call says joins its order; when all have come, the child becomes a draft. Whatever is empty, known or too long
 * costs no evaluation.
 */
function withText(known: SimbaState, { work, result }: Answer, limits: RuleLimits): SimbaState {
  const state = result.ok ? known : { ...known, failed: known.failed + 1 };
  const call = callOf(work);
  const before = state.orders.find(({ child }) => child === call?.child);
  if (call === undefined || before === undefined) return state;
  const rules = taughtRules(state.task, before.rules, { lesson: call.lesson, result, limits });
  const order = { ...before, answered: before.answered + 1, rules };
  if (order.answered < order.lessons.length) return changedOrder(state, order);
  const next = { ...state, orders: state.orders.filter(({ child }) => child !== order.child) };
  const isUnchanged = rules === rulesOf(state.pool[order.parent] as Member);
  const purpose = `${work.purpose}, for configuration ${order.parent}`;
  const draft = isUnchanged ? undefined : draftOf(next, order, { rules, purpose });
  if (draft !== undefined) return { ...next, drafts: [...next.drafts, draft] };
  const turns = (next.barren[order.strategy] ?? 0) + 1;
  return { ...next, barren: { ...next.barren, [order.strategy]: turns } };
}

interface Teaching {
  readonly lesson: Lesson;
  readonly result: CompleteResult;
  readonly limits: RuleLimits;
}

/** The same rules where the answer is of no use. */
function taughtRules(task: Task, before: Rules, { lesson, result, limits }: Teaching): Rules {
  const targets = textTargets(task);
  if ("place" in lesson) {
    const target = targets.find(({ name }) => name === lesson.target);
    return (target && editedRules(before, target, { place: lesson.place, result, limits })) ?? before;
  }
  let rules = before;
  for (const [target, advice] of readAdvice(result, targets, lesson.example))
    rules = withRules(rules, target, advice, limits) ?? rules;
  return rules;
}

export interface Making {
  readonly strategy: SimbaStrategy;
  readonly child: number;
  /** Its place in the pool. */
  readonly parent: number;
}

export interface Made {
  /** Whatever the child has beside its rules; that of its parent unless told. */
  readonly bare?: Configuration;
  readonly rules: Rules;
  readonly purpose: string;
}

/**
 * A child that may be run, without its oldest rules where a text would be too long for its variable; `undefined` where
 * it does not differ from what was tried, or has too long a text all the same.
 */
export function draftOf(state: SimbaState, { strategy, child, parent }: Making, made: Made): Draft | undefined {
  const { task, pool } = state;
  const targets = textTargets(task);
  const bare = made.bare ?? bareConfiguration(targets, pool[parent] as Member);
  const configuration = completeConfiguration(task, bare);
  let rules = made.rules;
  for (const target of targets)
    while ((rules[target.name] ?? []).length > 0 && !fits(target, ruledConfiguration([target], configuration, rules)))
      rules = withoutRule(rules, target.name, 0);
  const ruled = ruledConfiguration(targets, configuration, rules);
  if (!targets.every((target) => fits(target, ruled)) || isTried(state, ruled)) return undefined;
  const note = { child, rules };
  return { configuration: ruled, origin: { parents: [parent], by: strategy, note }, purpose: made.purpose };
}

function fits(target: TextTarget, configuration: Configuration): boolean {
  const text = textRead(target, textValue(target, configuration));
  return text === "" || checkText(text, { variable: target.variable, known: [] }).ok;
}

/** Whether a configuration was run, or waits for its run. */
export function isTried({ task, pool, drafts }: SimbaState, configuration: Configuration): boolean {
  const key = canonicalJson(configuration);
  return (
    key === canonicalJson(completeConfiguration(task, task.baseline)) ||
    [...pool, ...drafts].some((each) => canonicalJson(each.configuration) === key)
  );
}
