import fc from "fast-check";
import { expect, test } from "vitest";
import { addUsage, ModelError, noUsage } from "#programs";
import { CodedError } from "#foundation";

fc.configureGlobal({ seed: 20 });

const usage = fc.record({ calls: fc.nat(), inputTokens: fc.nat(), outputTokens: fc.nat(), usd: fc.nat() });

test("usage adds up in any order, and no usage adds nothing", () => {
  fc.assert(
    fc.property(usage, usage, usage, (a, b, c) => {
      expect(addUsage(a, b)).toEqual(addUsage(b, a));
      expect(addUsage(addUsage(a, b), c)).toEqual(addUsage(a, addUsage(b, c)));
      expect(addUsage(a, noUsage)).toEqual(a);
    }),
  );
});

test("a model error tells its code, whether to try again and when", () => {
  const error = new ModelError("rate_limited", "429", { retryable: true, retryAfterMs: 500 });
  expect(error).toMatchObject({ name: "ModelError", code: "rate_limited", retryable: true, retryAfterMs: 500 });
  expect(error).toBeInstanceOf(CodedError);
  expect(new ModelError("timeout", "late")).toMatchObject({ retryable: false, retryAfterMs: undefined });
});
