import { describe, isPlainObject, messageOf, UsageError } from "#foundation";
import type { ValueIssue } from "./signatures/field-type.ts";

/** Something that outputs must satisfy beyond their types. */
export interface Assertion<O extends object = object, I extends object = object> {
  readonly predicate: (outputs: O, inputs: I) => boolean | Promise<boolean>;
  /** What is expected, in words that a model can follow: "an answer below 80 characters". */
  readonly message: string;
}

/**
 * An assertion for a signature's `ensure`. Where it does not hold, the model is told the message and asked again. The
 * predicate may run more than once for one answer; one that throws does not hold, and the model is told what it threw.
 */
export function ensure<O extends object, I extends object>(
  predicate: (outputs: O, inputs: I) => boolean | Promise<boolean>,
  message: string,
): Assertion<O, I> {
  if (typeof predicate !== "function")
    throw new UsageError(`ensure: expected a predicate of outputs and inputs, got ${describe(predicate)}`);
  if (typeof message !== "string" || message.trim() === "")
    throw new UsageError(`ensure: expected a message that says what is wanted, got ${describe(message)}`);
  return { predicate, message };
}

/** Throws `UsageError` for a list that holds anything but assertions. */
export function checkAssertions(given: unknown): void {
  if (!Array.isArray(given))
    throw new UsageError(`signature.ensure: expected a list of ensure(…), got ${describe(given)}`);
  for (const [index, assertion] of given.entries())
    if (!isPlainObject(assertion) || typeof assertion["predicate"] !== "function")
      throw new UsageError(`signature.ensure[${index}]: expected ensure(…), got ${describe(assertion)}`);
}

/** The assertions that outputs do not satisfy, in their order. */
export async function failedAssertions(
  assertions: readonly Assertion[],
  outputs: object,
  inputs: object,
): Promise<readonly ValueIssue[]> {
  const issues = await Promise.all(
    assertions.map(async ({ predicate, message }): Promise<ValueIssue | undefined> => {
      try {
        return (await predicate(outputs, inputs))
          ? undefined
          : { path: "", expected: message, received: "another answer" };
      } catch (error) {
        return { path: "", expected: message, received: `an error: ${messageOf(error)}` };
      }
    }),
  );
  return issues.filter((issue) => issue !== undefined);
}
