import { describe, UsageError } from "#foundation";
import type { Json } from "#foundation";
import { choice } from "#variables";
import type { ChoiceVariable } from "#variables";
import type { PlanStep } from "./steps.ts";

/** The kind of step that is not planned: the review strategy puts it in. */
export const reviewKind = "review";

/** The setting that says when a review agent is called. */
export const reviewSetting = "review_strategy";

/** `"at_end"`: one review of everything. `"each_step"`: one after each step, before whoever needs that step. */
export type ReviewStrategy = "at_end" | "each_step" | "none";

const strategies: readonly ReviewStrategy[] = ["at_end", "each_step", "none"];

export function reviewVariable(): ChoiceVariable {
  return choice(reviewSetting, strategies, { description: "When the review agent is called" });
}

/** The strategy that a setting names; `"at_end"` unless told. Throws `UsageError` for another value. */
export function reviewStrategy(value: Json = "at_end"): ReviewStrategy {
  const strategy = strategies.find((known) => known === value);
  if (strategy !== undefined) return strategy;
  throw new UsageError(
    `configuration ${reviewSetting}: expected one of ${strategies.join(", ")}, got ${describe(value)}`,
  );
}

/** The plan with its reviews. */
export function withReviews(steps: readonly PlanStep[], strategy: ReviewStrategy): readonly PlanStep[] {
  if (strategy === "none") return steps;
  const taken = new Set(steps.map(({ id }) => id));
  const reviewId = (id: string): string => {
    let free = id;
    while (taken.has(free)) free = `${free}_`;
    taken.add(free);
    return free;
  };
  if (strategy === "at_end") {
    const needed = new Set(steps.flatMap(({ needs }) => needs));
    const last = steps.filter(({ id }) => !needed.has(id)).map(({ id }) => id);
    return [...steps, { id: reviewId(reviewKind), kind: reviewKind, needs: last }];
  }
  const reviews = new Map(steps.map(({ id }) => [id, reviewId(`${reviewKind}_${id}`)]));
  return steps.flatMap(({ id, kind, needs }) => [
    { id, kind, needs: needs.flatMap((need) => [need, reviews.get(need) ?? need]) },
    { id: reviews.get(id) ?? id, kind: reviewKind, needs: [id] },
  ]);
}
