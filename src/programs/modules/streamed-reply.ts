import { ModelError } from "../language-model.ts";
import type { LanguageModel, ModelCallOptions, ModelReply, ModelRequest } from "../language-model.ts";
import type { Values } from "../module.ts";

/** Every text is read from its start: one that is told at every hundredth of its length is read in linear time. */
const growthToTell = 1.01;

/**
 * The whole reply, with its text so far told on the way. A model that does not stream tells nothing. Rejects with
 * `ModelError` when the stream ends without its reply: what came until then is no shorter answer.
 */
export async function streamedReply(
  model: LanguageModel,
  request: ModelRequest,
  { onText, ...options }: ModelCallOptions & { readonly onText: (text: string) => void },
): Promise<ModelReply> {
  if (model.stream === undefined) return model.generate(request, options);
  let [text, told] = ["", 0];
  for await (const chunk of model.stream(request, options)) {
    options.signal?.throwIfAborted();
    if (chunk.type === "reply") return chunk.reply;
    if (chunk.text === "") continue;
    text += chunk.text;
    if (text.length < told * growthToTell) continue;
    told = text.length;
    onText(text);
  }
  options.signal?.throwIfAborted();
  throw new ModelError("unavailable", `${model.id}: the stream ended before the reply was whole`, { retryable: true });
}

/** Tells of the outputs in the making only what changed. */
export function changesOnly(tell: (outputs: Values) => void): (outputs: Values) => void {
  const told = new Map<string, unknown>();
  return (outputs) => {
    const changed = Object.entries(outputs).filter(
      ([name, value]) => !told.has(name) || !isSame(told.get(name), value),
    );
    if (changed.length === 0) return;
    for (const [name, value] of changed) told.set(name, value);
    tell(Object.fromEntries(changed));
  };
}

function isSame(a: unknown, b: unknown): boolean {
  return a === b || (typeof a === "object" && typeof b === "object" && JSON.stringify(a) === JSON.stringify(b));
}
