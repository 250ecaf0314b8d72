import type { Json } from "tutti/foundation";
import type { Hypothesis } from "./hypothesis.ts";

/** A condition on the arguments, or a value computed from them, with its JavaScript and the number of its parts. */
export interface Predicate {
  readonly body: string;
  readonly size: number;
  readonly holds: (input: readonly Json[]) => boolean;
}
export interface Term {
  readonly body: string;
  readonly size: number;
  readonly value: (input: readonly Json[]) => number;
}

export interface Rule {
  readonly when: Predicate;
  readonly gives: Term;
}

/** The term of the first rule whose condition holds, or the last term. */
export function decisionList(rules: readonly Rule[], otherwise: Term): Hypothesis {
  return {
    body: [...rules.map(({ when, gives }) => `${when.body} ? ${gives.body} : `), otherwise.body].join(""),
    size: rules.reduce((total, { when, gives }) => total + 1 + when.size + gives.size, otherwise.size),
    run: (input) => (rules.find(({ when }) => when.holds(input))?.gives ?? otherwise).value(input),
  };
}
