import { serve } from "@hono/node-server";
import type { Server } from "node:http";
import { onTestFinished } from "vitest";
import { iclModel, modelCardOf } from "#models/icl";
import { modelServer } from "#models/server";
import type { ModelServer, ModelServerOptions } from "#models/server";

/** A server over the offline model unless told otherwise, as a handler alone. */
export function handler(options: Partial<ModelServerOptions> = {}): ModelServer {
  return modelServer({ models: [{ model: iclModel(), card: modelCardOf("base") }], ...options });
}

/** Serves on a free port of 127.0.0.1 until the test is over; the address ends in `/v1`. */
export async function served(options: Partial<ModelServerOptions> = {}): Promise<string> {
  const answer = handler(options);
  const { server, port } = await new Promise<{ server: Server; port: number }>((resolve) => {
    const fetch = (request: Request): Promise<Response> => answer(request);
    const started = serve({ fetch, port: 0, hostname: "127.0.0.1", overrideGlobalObjects: false }, (info) =>
      resolve({ server: started as Server, port: info.port }),
    );
  });
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return `http://127.0.0.1:${port}/v1`;
}

/** A prompt of shots that the offline model answers with `good`. */
export const shots =
  "Text: a great film\nLabel: good\n\nText: an awful film\nLabel: bad\n\nText: a great evening\nLabel:";

export function post(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Request {
  return new Request(`http://127.0.0.1${path}`, {
    method: "POST",
    body: typeof body === "string" ? body : JSON.stringify(body),
    headers: { "content-type": "application/json", ...headers },
  });
}

export function chatBody(more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { model: "icl-base-1", messages: [{ role: "user", content: shots }], ...more };
}

/** The parts of an answer that tests look at. */
export interface Answer {
  readonly choices: readonly {
    readonly index: number;
    readonly text?: string;
    readonly message?: { readonly content: string | null; readonly tool_calls?: readonly unknown[] };
    readonly logprobs?: {
      readonly content: readonly { readonly token: string; readonly top_logprobs: unknown[] }[];
    } | null;
    readonly finish_reason: string;
  }[];
  readonly usage: { readonly prompt_tokens: number; readonly completion_tokens: number; readonly total_tokens: number };
  readonly error?: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string | null;
  };
}

export async function answerOf(response: Response | Promise<Response>): Promise<Answer> {
  return (await (await response).json()) as Answer;
}
