import { describe, isPlainObject, UsageError } from "#foundation";
import type { Json } from "#foundation";
import { checkCondition, conditionText, meets } from "../condition.ts";
import type { Condition, Conditions } from "../condition.ts";
import { isSameValue } from "../distinct-values.ts";
import {
  checkExpression,
  evaluate,
  expressionText,
  numericPathsOf,
  pathsOf,
  renamedExpression,
} from "../expression.ts";
import type { Expression } from "../expression.ts";
import { kindOf } from "../variable.ts";
import type { Variable } from "../variable.ts";

/**
 * A claim about the values of a configuration, as plain JSON. A comparison of which a side is absent says nothing, and
 * what says nothing breaks no constraint; a condition on an absent value does not hold.
 */
export type Claim =
  | { readonly atMost: readonly [Expression, Expression] }
  | { readonly less: readonly [Expression, Expression] }
  | { readonly equal: readonly [Expression, Expression] }
  /** No two of these are the same. */
  | { readonly different: readonly Expression[] }
  | { readonly meets: Conditions }
  | { readonly all: readonly Claim[] }
  | { readonly any: readonly Claim[] }
  | { readonly not: Claim }
  | { readonly implies: readonly [Claim, Claim] };

type Values = ReadonlyMap<string, Json>;
type Rename = (path: string) => string;
type Pair = readonly [Expression, Expression];
type Verdict = boolean | undefined;
type Form = "atMost" | "less" | "equal" | "different" | "meets" | "all" | "any" | "not" | "implies";

/** What each form of a claim knows of itself; `told` was checked. */
interface ClaimForm {
  readonly check: (where: string, told: unknown, variables: ReadonlyMap<string, Variable>) => void;
  readonly verdict: (told: never, values: Values) => Verdict;
  readonly paths: (told: never) => readonly string[];
  readonly text: (told: never) => string;
  /** The same about other paths. */
  readonly renamed: (told: never, rename: Rename) => unknown;
}

const forms: Readonly<Record<Form, ClaimForm>> = {
  atMost: comparison("is at most", (one, other) => one <= other),
  less: comparison("is less than", (one, other) => one < other),
  equal: {
    check: (where, told, variables) => checkExpressions(where, told, { variables, count: 2 }),
    verdict([one, other]: Pair, values) {
      const [left, right] = [evaluate(one, values), evaluate(other, values)];
      return left === undefined || right === undefined ? undefined : isSameValue(left, right);
    },
    paths: (told: Pair) => told.flatMap(pathsOf),
    text: ([one, other]: Pair) => `${expressionText(one)} is ${expressionText(other)}`,
    renamed: renamedExpressions,
  },
  different: {
    check: (where, told, variables) => checkExpressions(where, told, { variables }),
    verdict(told: readonly Expression[], values) {
      const all = told.map((each) => evaluate(each, values)).filter((value) => value !== undefined);
      return all.every((value, index) => all.slice(0, index).every((other) => !isSameValue(value, other)));
    },
    paths: (told: readonly Expression[]) => told.flatMap(pathsOf),
    text: (told: readonly Expression[]) => `${told.map(expressionText).join(", ")} are different`,
    renamed: renamedExpressions,
  },
  meets: {
    check: checkConditions,
    verdict: (told: Conditions, values) =>
      conditionsIn(told).every(([path, condition]) => {
        const value = values.get(path);
        return value !== undefined && meets(condition, value);
      }),
    paths: (told: Conditions) => conditionsIn(told).map(([path]) => path),
    text: (told: Conditions) =>
      conditionsIn(told)
        .map(([path, condition]) => conditionText(path, condition))
        .join(" and "),
    renamed: (told: Conditions, rename) =>
      Object.fromEntries(conditionsIn(told).map(([path, condition]) => [rename(path), condition])),
  },
  all: {
    check: (where, told, variables) => checkClaims(where, told, { variables }),
    verdict: (told: readonly Claim[], values) => every(told.map((each) => verdictOn(each, values))),
    paths: (told: readonly Claim[]) => told.flatMap(claimPaths),
    text: (told: readonly Claim[]) => told.map(claimText).join(", and "),
    renamed: renamedClaims,
  },
  any: {
    check: (where, told, variables) => checkClaims(where, told, { variables }),
    verdict: (told: readonly Claim[], values) => some(told.map((each) => verdictOn(each, values))),
    paths: (told: readonly Claim[]) => told.flatMap(claimPaths),
    text: (told: readonly Claim[]) => told.map(claimText).join(", or "),
    renamed: renamedClaims,
  },
  not: {
    check: (where, told, variables) => checkClaim(where, told, variables),
    verdict: (told: Claim, values) => opposite(verdictOn(told, values)),
    paths: (told: Claim) => claimPaths(told),
    text: (told: Claim) => `not: ${claimText(told)}`,
    renamed: (told: Claim, rename) => renamedClaim(told, rename),
  },
  implies: {
    check: (where, told, variables) => checkClaims(where, told, { variables, count: 2 }),
    verdict: ([one, other]: readonly [Claim, Claim], values) =>
      some([opposite(verdictOn(one, values)), verdictOn(other, values)]),
    paths: (told: readonly [Claim, Claim]) => told.flatMap(claimPaths),
    text: ([one, other]: readonly [Claim, Claim]) => `where ${claimText(one)}, ${claimText(other)}`,
    renamed: renamedClaims,
  },
};

function comparison(words: string, holds: (one: number, other: number) => boolean): ClaimForm {
  return {
    check: (where, told, variables) => checkExpressions(where, told, { variables, count: 2, isNumeric: true }),
    verdict([one, other]: Pair, values) {
      const [left, right] = [evaluate(one, values), evaluate(other, values)];
      return typeof left === "number" && typeof right === "number" ? holds(left, right) : undefined;
    },
    paths: (told: Pair) => told.flatMap(pathsOf),
    text: ([one, other]: Pair) => `${expressionText(one)} ${words} ${expressionText(other)}`,
    renamed: renamedExpressions,
  };
}

function partsOf(claim: Claim): readonly [ClaimForm, never] {
  const [form, told] = Object.entries(claim)[0] as [Form, never];
  return [forms[form], told];
}

/** Whether a claim holds; `undefined` where it says nothing. */
export function verdictOn(claim: Claim, values: Values): Verdict {
  const [form, told] = partsOf(claim);
  return form.verdict(told, values);
}

/** The paths that a claim asks about. */
export function claimPaths(claim: Claim): readonly string[] {
  const [form, told] = partsOf(claim);
  return form.paths(told);
}

/** A claim in words: `the sum of a and b is at most 10`. */
export function claimText(claim: Claim): string {
  const [form, told] = partsOf(claim);
  return form.text(told);
}

/** The same claim about other paths. */
export function renamedClaim(claim: Claim, rename: Rename): Claim {
  const [form, told] = partsOf(claim);
  return { [Object.keys(claim)[0] as Form]: form.renamed(told, rename) } as unknown as Claim;
}

function renamedClaims(claims: readonly Claim[], rename: Rename): readonly Claim[] {
  return claims.map((claim) => renamedClaim(claim, rename));
}

function renamedExpressions(expressions: readonly Expression[], rename: Rename): readonly Expression[] {
  return expressions.map((expression) => renamedExpression(expression, rename));
}

function conditionsIn(conditions: Conditions): readonly [string, Condition][] {
  return Object.entries(conditions);
}

// Kleene's logic of three values: what says nothing decides nothing.
function every(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes(false)) return false;
  return verdicts.includes(undefined) ? undefined : true;
}

function some(verdicts: readonly Verdict[]): Verdict {
  return opposite(every(verdicts.map(opposite)));
}

function opposite(verdict: Verdict): Verdict {
  return verdict === undefined ? undefined : !verdict;
}

/** Throws `UsageError` where this is no claim about these variables; `where` names it. */
export function checkClaim(where: string, claim: unknown, variables: ReadonlyMap<string, Variable>): void {
  const entries = isPlainObject(claim) ? Object.entries(claim) : [];
  const [name = "", told] = entries[0] ?? [];
  if (entries.length !== 1 || !Object.hasOwn(forms, name))
    throw new UsageError(
      `${where}: expected an object with one of ${Object.keys(forms).join(", ")}, got ${describe(claim)}`,
    );
  forms[name as Form].check(`${where}.${name}`, told, variables);
}

interface CheckOptions {
  readonly variables: ReadonlyMap<string, Variable>;
  /** How many there have to be; at least one unless told. */
  readonly count?: number;
  readonly isNumeric?: boolean;
}

function checkList(where: string, told: unknown, count?: number): asserts told is readonly unknown[] {
  const isFull = Array.isArray(told) && (count === undefined ? told.length > 0 : told.length === count);
  if (!isFull) throw new UsageError(`${where}: expected a list of ${count ?? "at least 1"}, got ${describe(told)}`);
}

function checkClaims(where: string, told: unknown, { variables, count }: CheckOptions): void {
  checkList(where, told, count);
  for (const [index, each] of told.entries()) checkClaim(`${where}[${index}]`, each, variables);
}

function checkExpressions(where: string, told: unknown, { variables, count, isNumeric }: CheckOptions): void {
  checkList(where, told, count);
  for (const [index, each] of told.entries()) {
    checkExpression(`${where}[${index}]`, each);
    const expression = each as Expression;
    checkPaths(`${where}[${index}]`, pathsOf(expression), variables);
    for (const path of isNumeric === true ? numericPathsOf(expression) : [])
      checkNumeric(`${where}[${index}]`, variables.get(path));
  }
}

function checkConditions(where: string, told: unknown, variables: ReadonlyMap<string, Variable>): void {
  if (!isPlainObject(told) || Object.keys(told).length === 0)
    throw new UsageError(`${where}: expected conditions by path, got ${describe(told)}`);
  checkPaths(where, Object.keys(told), variables);
  for (const [path, condition] of Object.entries(told))
    checkCondition(`${where}.${path}`, condition, variables.get(path) as Variable);
}

/** Throws `UsageError` unless the variables have all these paths. */
export function checkPaths(where: string, paths: readonly string[], variables: ReadonlyMap<string, Variable>): void {
  const unknown = paths.find((path) => !variables.has(path));
  if (unknown !== undefined)
    throw new UsageError(`${where}: expected paths of the space (${[...variables.keys()].join(", ")}), got ${unknown}`);
}

function checkNumeric(where: string, variable: Variable | undefined): void {
  if (variable === undefined || kindOf(variable).computed !== undefined) return;
  if (typeof kindOf(variable).default(variable) !== "number")
    throw new UsageError(`${where}: expected a number, but ${variable.name} is a ${variable.kind}`);
}
