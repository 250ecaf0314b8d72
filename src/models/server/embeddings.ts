import { embeddingBounds } from "./call-bounds.ts";
import { readEmbeddingRequest } from "./completion-request.ts";
import { refuse } from "./openai-error.ts";
import { readBody } from "./request-body.ts";
import { serve } from "./served-call.ts";
import type { ServerState } from "./served-call.ts";

/** The endpoint for embeddings. */
export async function embed(server: ServerState, request: Request, run: string): Promise<Response> {
  const wanted = readEmbeddingRequest(await readBody(request, server.maxBodyBytes));
  return serve(
    server,
    request,
    {
      run,
      endpoint: "embeddings",
      model: wanted.model,
      stream: false,
      bounds: () => embeddingBounds(wanted.texts),
    },
    async ({ model, settle }) => {
      if (model.embed === undefined) {
        settle(undefined);
        const message = `The model \`${wanted.model}\` makes no embeddings`;
        return refuse({ status: 400, type: "invalid_request_error", code: "unsupported_model", message });
      }
      const { vectors, usage } = await model.embed(wanted.texts, { signal: request.signal });
      settle({ replies: [], usage, units: 0 });
      const data = vectors.map((vector, index) => ({
        object: "embedding",
        index,
        embedding: wanted.base64 ? Buffer.from(Float32Array.from(vector).buffer).toString("base64") : vector,
      }));
      const tokens = { prompt_tokens: usage.inputTokens, total_tokens: usage.inputTokens };
      return Response.json({ object: "list", data, model: wanted.model, usage: tokens });
    },
  );
}
