import { answerAll, answerStream } from "./answering.ts";
import type { Answered } from "./answering.ts";
import { readChatRequest, readTextRequest } from "./completion-request.ts";
import type { CompletionRequest } from "./completion-request.ts";
import { completionBounds } from "./call-bounds.ts";
import { completionBody, metadataOf } from "./completion-response.ts";
import type { CompletionKind, Heading } from "./completion-response.ts";
import { readBody } from "./request-body.ts";
import { serve } from "./served-call.ts";
import type { ServerState } from "./served-call.ts";

interface Asking {
  readonly kind: CompletionKind;
  readonly run: string;
}

/** Both endpoints for completions, whole or streamed. */
export async function complete(server: ServerState, request: Request, { kind, run }: Asking): Promise<Response> {
  const body = await readBody(request, server.maxBodyBytes);
  const wanted = kind === "chat" ? readChatRequest(body) : readTextRequest(body);
  const endpoint = kind === "chat" ? "chat.completions" : "completions";
  return serve(
    server,
    request,
    {
      run,
      endpoint,
      model: wanted.model,
      stream: wanted.stream,
      bounds: (served) => completionBounds(wanted, served),
    },
    async ({ model, maxTokens, settle }) => {
      const asked = bounded(wanted, maxTokens);
      const heading: Heading = {
        kind,
        id: `${kind === "chat" ? "chatcmpl" : "cmpl"}-${server.startedAt.toString(36)}${(++server.count).toString(36)}`,
        created: Math.floor(server.clock.now() / 1000),
        model: wanted.model,
        topLogprobs: wanted.topLogprobs,
      };
      if (wanted.stream) {
        const options = { heading, signal: request.signal, onEnd: settle };
        const stream = await answerStream(model, asked, options);
        return new Response(stream, { headers: { "content-type": "text/event-stream", "cache-control": "no-store" } });
      }
      const answered = await answerAll(model, asked, request.signal);
      settle(answered);
      const own = request.headers.has("x-icl") ? { x_icl: ownWords(answered, wanted) } : {};
      return Response.json({ ...completionBody(heading, answered.replies, answered.usage), ...own });
    },
  );
}

/** The answers no longer than they may be. */
function bounded(wanted: CompletionRequest, maxTokens: number | undefined): CompletionRequest {
  if (maxTokens === undefined) return wanted;
  return { ...wanted, requests: wanted.requests.map((request) => ({ ...request, maxTokens })) };
}

/** What OpenAI's form has no place for; on demand only, since strict clients refuse what they do not know. */
function ownWords({ replies }: Answered, wanted: CompletionRequest): Record<string, unknown> {
  const said = replies.flatMap(({ warnings = [] }) => warnings);
  return {
    evidence: replies.map((reply) => metadataOf(reply, "evidence") ?? null),
    truncated: replies.map((reply) => metadataOf(reply, "truncatedDemos") ?? 0),
    ignored_params: [...wanted.ignored, ...new Set(said.filter((warning) => warning.includes("was ignored")))],
    units: replies.map((reply) => metadataOf(reply, "units") ?? null),
  };
}
