import { ModelError } from "#programs";
import type { LanguageModel, ModelReply } from "#programs";
import type { Cassette, RecordedError, Recording } from "./cassette.ts";
import { requestKey, textsKey } from "./request-key.ts";
import { wrapped } from "./wrapped.ts";
import type { Asked } from "./wrapped.ts";

/**
 * The model, whose calls are kept on the cassette with what came of them, failures included. A call that its caller
 * aborted is not kept. Cassettes are for tests: they hold all prompts and replies, but no keys.
 */
export function recorded(model: LanguageModel, cassette: Cassette): LanguageModel {
  const counts = new Map<string, number>();

  /** Numbered when the call begins, so that calls at once keep their order. */
  const begun = (asked: Asked): ((answer: Recording["answer"]) => Promise<void>) => {
    const key = keyOf(model.id, asked);
    const before = cassette.recordings.filter((recording) => recording.key === key).length;
    const repetition = Math.max(counts.get(key) ?? 0, before);
    counts.set(key, repetition + 1);
    return (answer) => cassette.add({ key, model: model.id, repetition, asked, answer });
  };

  return wrapped(model, {
    async call(ask, options, asked) {
      const keep = begun(asked);
      try {
        const result = await ask(options);
        await keep("vectors" in result ? { embeddings: result as never } : { reply: result as unknown as ModelReply });
        return result;
      } catch (thrown) {
        if (thrown instanceof ModelError && options.signal?.aborted !== true) await keep({ error: errorOf(thrown) });
        throw thrown;
      }
    },
    async *stream(ask, options, request) {
      const keep = begun({ request });
      const pieces: string[] = [];
      try {
        for await (const chunk of ask(options)) {
          if (chunk.type === "text") pieces.push(chunk.text);
          else await keep({ reply: chunk.reply, pieces });
          yield chunk;
        }
      } catch (thrown) {
        if (thrown instanceof ModelError && options.signal?.aborted !== true) await keep({ error: errorOf(thrown) });
        throw thrown;
      }
    },
  });
}

export function keyOf(model: string, asked: Asked): string {
  return "request" in asked ? requestKey(model, asked.request) : textsKey(model, asked.texts);
}

function errorOf({ code, message, retryable, retryAfterMs }: ModelError): RecordedError {
  return { code, message, retryable, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}
