/** An arithmetic expression over the numbers of an input. */
export type Expression =
  | { readonly kind: "leaf"; readonly leaf: number }
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "operation"; readonly operator: Operator; readonly left: Expression; readonly right: Expression };

type Operator = "+" | "-" | "*" | "/";

/** The values of one expression over all samples. */
interface Candidate {
  readonly expression: Expression;
  readonly values: readonly number[];
}

/** A solved case: the numbers of its input and the number that was made of them. */
export interface Sample {
  readonly leaves: readonly number[];
  readonly target: number;
}

const operators: readonly Operator[] = ["+", "-", "*", "/"];

/** More leaves than this make the search too wide. */
const maxLeaves = 4;
/** Expressions kept per depth. */
const maxCandidates = 600;

/**
 * The simplest expression that gives the target of every sample: a leaf, one operation on leaves or on a leaf and a
 * constant, or up to `maxDepth` chained operations. One sample teaches a copy only. `undefined` when none fits.
 */
export function fitExpression(samples: readonly Sample[], maxDepth: number): Expression | undefined {
  const count = Math.min(maxLeaves, ...samples.map(({ leaves }) => leaves.length));
  if (samples.length === 0 || count < 1) return undefined;
  const targets = samples.map(({ target }) => target);
  const leaves = Array.from({ length: count }, (_, leaf): Candidate => ({
    expression: { kind: "leaf", leaf },
    values: samples.map((sample) => sample.leaves[leaf] ?? Number.NaN),
  }));
  const copied = leaves.find(({ values }) => isSame(values, targets));
  if (copied !== undefined || samples.length < 2) return copied?.expression;
  let level = leaves;
  for (let depth = 1; depth <= maxDepth; depth++) {
    const fit = findStep(level, leaves, targets) ?? (depth === 1 ? findConstantStep(leaves, targets) : undefined);
    if (fit !== undefined) return fit;
    level = depth < maxDepth ? grow(level, leaves) : level;
  }
  return undefined;
}

/** The value of an expression, and every operation on the way as text: `3 * 4 = 12`. */
export function evaluateExpression(expression: Expression, leaves: readonly number[], steps: string[] = []): number {
  if (expression.kind === "constant") return expression.value;
  if (expression.kind === "leaf") return leaves[expression.leaf] ?? Number.NaN;
  const left = evaluateExpression(expression.left, leaves, steps);
  const right = evaluateExpression(expression.right, leaves, steps);
  const value = tidy(apply(expression.operator, left, right));
  steps.push(`${left} ${expression.operator} ${right} = ${value}`);
  return value;
}

/** A number without the noise of binary fractions. */
export function tidy(value: number): number {
  return Number.isFinite(value) ? Number(value.toPrecision(12)) : value;
}

function* pairs(level: readonly Candidate[], leaves: readonly Candidate[]): Generator<readonly [Candidate, Candidate]> {
  for (const grown of level) {
    for (const leaf of leaves) {
      yield [grown, leaf];
      yield [leaf, grown];
    }
  }
}

function findStep(
  level: readonly Candidate[],
  leaves: readonly Candidate[],
  targets: readonly number[],
): Expression | undefined {
  for (const [left, right] of pairs(level, leaves))
    for (const operator of operators)
      if (targets.every((target, index) => isNear(apply(operator, left.values[index], right.values[index]), target)))
        return { kind: "operation", operator, left: left.expression, right: right.expression };
  return undefined;
}

function findConstantStep(leaves: readonly Candidate[], targets: readonly number[]): Expression | undefined {
  for (const { expression, values } of leaves) {
    for (const [operator, inverse] of [
      ["+", "-"],
      ["*", "/"],
    ] as const) {
      const value = tidy(apply(inverse, targets[0], values[0]));
      const isDifferent = new Set(values).size > 1;
      if (isDifferent && targets.every((target, index) => isNear(apply(operator, values[index], value), target)))
        return { kind: "operation", operator, left: expression, right: { kind: "constant", value } };
    }
  }
  return undefined;
}

function grow(level: readonly Candidate[], leaves: readonly Candidate[]): Candidate[] {
  const grown = new Map<string, Candidate>();
  for (const [left, right] of pairs(level, leaves)) {
    for (const operator of operators) {
      const values = left.values.map((value, index) => tidy(apply(operator, value, right.values[index])));
      const key = values.join(" ");
      if (grown.size >= maxCandidates) return [...grown.values()];
      if (!grown.has(key) && values.every(Number.isFinite))
        grown.set(key, {
          expression: { kind: "operation", operator, left: left.expression, right: right.expression },
          values,
        });
    }
  }
  return [...grown.values()];
}

function apply(operator: Operator, left: number | undefined, right: number | undefined): number {
  if (left === undefined || right === undefined) return Number.NaN;
  if (operator === "+") return left + right;
  if (operator === "-") return left - right;
  return operator === "*" ? left * right : left / right;
}

function isSame(values: readonly number[], targets: readonly number[]): boolean {
  return values.every((value, index) => isNear(value, targets[index] ?? Number.NaN));
}

function isNear(value: number, target: number): boolean {
  return Math.abs(value - target) <= 1e-9 * Math.max(1, Math.abs(target));
}
