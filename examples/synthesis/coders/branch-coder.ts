import * as arithmetic from "../programs/arithmetic.ts";
import { EXCEPTION_SIZE } from "./candidate.ts";
import { decisionList } from "../programs/decision-list.ts";
import type { Predicate, Rule, Term } from "../programs/decision-list.ts";
import type { Task } from "../tasks/task.ts";
import type { Coder } from "./coder.ts";
import { numberParameter } from "./parameter.ts";
import { priorityQueue } from "./priority-queue.ts";
import type { PriorityQueue } from "./priority-queue.ts";
import { shortlist } from "./shortlist.ts";
import type { Shortlist } from "./shortlist.ts";

/** A predicate or term with the visible pairs (one bit each) for which it holds or is right. */
interface Seen<Part> {
  readonly part: Part;
  readonly mask: number;
}

/** What a search over decision lists works with. */
interface Desk {
  readonly predicates: readonly Seen<Predicate>[];
  readonly terms: readonly Seen<Term>[];
  readonly maxBranches: number;
  readonly found: Shortlist;
  readonly open: PriorityQueue<Draft>;
}

/** A decision list in the making: its rules, and the pairs (bits) that none of them decides. */
interface Draft {
  readonly rules: readonly Rule[];
  readonly otherwise?: Term;
  readonly rest: number;
  readonly errors: number;
  readonly cost: number;
}

/** What a rule costs more when a single pair speaks for it. */
const LONELY = 2;

/** Decision lists over simple conditions and terms, the cheapest first, where a part's cost is its size. */
export const branchCoder: Coder = (task, { budget, parameters }) => {
  const k = numberParameter("branchCoder", { parameters, name: "k" });
  const maxBranches = numberParameter("branchCoder", { parameters, name: "maxBranches" });
  const found = shortlist(task, { coder: "branchCoder", budget, k });
  if (task.train.every(({ input, output }) => [...input, output].every(Number.isInteger))) {
    const terms = seenTerms(task, found);
    const predicates = seenPredicates(task, found);
    decide(task, { predicates, terms, maxBranches, found, open: priorityQueue() }, k);
  }
  return found.result();
};

function decide(task: Task, desk: Desk, k: number): void {
  const { open, found } = desk;
  const visits = new Map<number, number>();
  open.push({ rules: [], rest: (1 << task.train.length) - 1, errors: 0, cost: 0 }, 0);
  for (let draft = open.pop(); draft !== undefined; draft = open.pop()) {
    if (found.isDone(draft.cost)) return;
    if (draft.otherwise !== undefined) {
      const list = decisionList(draft.rules, draft.otherwise);
      // The surcharge for rules that one pair speaks for stays in: reviewers should not take such a list as simple.
      found.offer({ ...list, size: draft.cost - EXCEPTION_SIZE * draft.errors }, draft.errors);
      continue;
    }
    const state = draft.rest * 16 + draft.errors * 8 + draft.rules.length;
    const visit = (visits.get(state) ?? 0) + 1;
    visits.set(state, visit);
    if (visit <= k && !extend(draft, desk)) return;
  }
}

/** Puts every list that ends here, and every one with one more rule, into the queue; false when the budget ends. */
function extend(draft: Draft, desk: Desk): boolean {
  for (const { part, mask } of desk.terms) {
    if (!desk.found.spend()) return false;
    const errors = draft.errors + bits(draft.rest & ~mask);
    if (errors <= desk.found.tolerance) {
      const lonely = bits(draft.rest & mask) < 2 ? LONELY : 0;
      const cost = draft.cost + part.size + lonely + EXCEPTION_SIZE * (errors - draft.errors);
      push(desk.open, { ...draft, otherwise: part, errors, cost });
    }
  }
  if (draft.rules.length >= desk.maxBranches - 1) return true;
  for (const when of desk.predicates) {
    const decided = draft.rest & when.mask;
    if (decided === 0 || decided === draft.rest) continue;
    for (const gives of desk.terms) {
      if (!desk.found.spend()) return false;
      const wrong = bits(decided & ~gives.mask);
      if (draft.errors + wrong > desk.found.tolerance) continue;
      const price =
        1 + when.part.size + gives.part.size + EXCEPTION_SIZE * wrong + (bits(decided & gives.mask) < 2 ? LONELY : 0);
      push(desk.open, {
        rules: [...draft.rules, { when: when.part, gives: gives.part }],
        rest: draft.rest & ~when.mask,
        errors: draft.errors + wrong,
        cost: draft.cost + price,
      });
    }
  }
  return true;
}

function push(open: PriorityQueue<Draft>, draft: Draft): void {
  open.push(draft, draft.cost);
}

function seenTerms({ train }: Task, found: Shortlist): readonly Seen<Term>[] {
  const variables = [...(train[0]?.input.keys() ?? [])];
  const outputs = train.map(({ output }) => Number(output));
  const terms = [
    ...variables.flatMap((variable) => [arithmetic.argument(variable), arithmetic.negated(variable)]),
    ...variables.flatMap((left) =>
      variables.filter((right) => right !== left).map((right) => arithmetic.difference(left, right)),
    ),
    ...variables.flatMap((variable) =>
      fitted(
        train.map(({ input }) => Number(input[variable])),
        { outputs, variable },
      ),
    ),
    ...unique(outputs).map(arithmetic.constant),
  ];
  return terms.flatMap((part) => {
    const mask = found.spend() ? maskOf(train, ({ input, output }) => part.value(input) === output) : 0;
    return mask === 0 ? [] : [{ part, mask }];
  });
}

/** `x + c` and `x · c` that are right for some pair. */
function fitted(
  inputs: readonly number[],
  { outputs, variable }: { outputs: readonly number[]; variable: number },
): Term[] {
  const shifts = inputs.map((input, row) => (outputs[row] as number) - input);
  const factors = inputs.map((input, row) => (outputs[row] as number) / input);
  return [
    ...unique(shifts)
      .filter((by) => by !== 0)
      .map((by) => arithmetic.shifted(variable, by)),
    ...unique(factors)
      .filter((by) => Number.isInteger(by) && Math.abs(by) > 1)
      .map((by) => arithmetic.scaled(variable, by)),
  ];
}

function seenPredicates({ train }: Task, found: Shortlist): readonly Seen<Predicate>[] {
  const variables = [...(train[0]?.input.keys() ?? [])];
  const predicates = variables.flatMap((variable) => [
    ...[0, 1].map((rest) => arithmetic.hasRest(variable, { divisor: 2, rest })),
    ...gaps(train.map(({ input }) => Number(input[variable]))).flatMap(([below, above]) => [
      arithmetic.isBelow(variable, roundest(below + 1, above)),
      arithmetic.isAbove(variable, roundest(below, above - 1)),
    ]),
    ...[0, 1, 2].map((rest) => arithmetic.hasRest(variable, { divisor: 3, rest })),
    ...variables.filter((other) => other !== variable).map((other) => arithmetic.isLess(variable, other)),
  ]);
  return predicates.flatMap((part) => {
    const mask = found.spend() ? maskOf(train, ({ input }) => part.holds(input)) : 0;
    return mask === 0 ? [] : [{ part, mask }];
  });
}

/** Neighbouring values. */
function gaps(values: readonly number[]): readonly (readonly [number, number])[] {
  const sorted = unique(values).toSorted((left, right) => left - right);
  return sorted.slice(1).map((value, index) => [sorted[index] as number, value]);
}

/** A multiple of five in [`min`, `max`] if there is one (people choose round limits), else the middle. */
function roundest(min: number, max: number): number {
  const middle = Math.round((min + max) / 2);
  const round = [Math.floor(middle / 5) * 5, Math.ceil(middle / 5) * 5].find((value) => value >= min && value <= max);
  return (round ?? middle) + 0;
}

function unique(values: readonly number[]): number[] {
  return [...new Set(values)];
}

function maskOf<Item>(items: readonly Item[], holds: (item: Item) => boolean): number {
  return items.reduce((mask, item, index) => (holds(item) ? mask | (1 << index) : mask), 0);
}

function bits(mask: number): number {
  let count = 0;
  for (let left = mask; left !== 0; left &= left - 1) count++;
  return count;
}
