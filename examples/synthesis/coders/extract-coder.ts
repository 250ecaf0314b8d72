import { contexts, extractionProgram, filters, orders, posts, tokenClasses, tokensOf } from "../programs/extraction.ts";
import type { Extraction } from "../programs/extraction.ts";
import type { Hypothesis } from "../programs/hypothesis.ts";
import { sameValue } from "../programs/value.ts";
import type { Task } from "../tasks/task.ts";
import type { Coder } from "./coder.ts";
import { numberParameter } from "./parameter.ts";
import { shortlist } from "./shortlist.ts";

const extractions: readonly { readonly extraction: Extraction; readonly hypothesis: Hypothesis }[] = tokenClasses
  .flatMap((tokenClass) =>
    contexts.flatMap((context) =>
      filters.flatMap((filter) =>
        orders.flatMap((order) => posts.map((post): Extraction => ({ tokenClass, context, filter, order, post }))),
      ),
    ),
  )
  .map((extraction) => ({ extraction, hypothesis: extractionProgram(extraction) }));

/** Tries every token class, left context, order and end in turn: the first that fits need not be the simplest. */
export const extractCoder: Coder = (task, { budget, parameters }) => {
  const k = numberParameter("extractCoder", { parameters, name: "k" });
  const found = shortlist(task, { coder: "extractCoder", budget, k });
  if (!task.train.every(({ input }) => typeof input[0] === "string")) return found.result();
  const cache: TokenCache = new Map();
  for (const { extraction, hypothesis } of extractions) {
    if (found.isDone(0) || !found.spend()) break;
    const errors = errorsOn(task, extraction, { cache, tolerance: found.tolerance });
    if (errors <= found.tolerance) found.offer(hypothesis, errors);
  }
  return found.result();
};

/** The tokens in every visible text, by class and context. */
type TokenCache = Map<string, readonly (readonly string[])[]>;

/** How many pairs an extraction gets wrong, counted no further than one above the tolerance. */
function errorsOn(
  { train }: Task,
  extraction: Extraction,
  { cache, tolerance }: { cache: TokenCache; tolerance: number },
): number {
  const key = `${extraction.tokenClass} ${extraction.context}`;
  const tokens = cache.get(key) ?? train.map(({ input }) => tokensOf(input[0], extraction));
  cache.set(key, tokens);
  let errors = 0;
  for (let row = 0; row < train.length && errors <= tolerance; row++) {
    const output = extraction.post.apply(extraction.order.apply(extraction.filter.apply(tokens[row] ?? [])));
    if (!sameValue(output, train[row]?.output)) errors++;
  }
  return errors;
}
