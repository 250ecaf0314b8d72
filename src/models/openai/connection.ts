import { messageOf, systemClock } from "#foundation";
import type { JsonObject } from "#foundation";
import { ModelError } from "#programs";
import type { Endpoint } from "./endpoint.ts";
import { redaction, safeCause } from "../redaction.ts";
import { eachWithin, within } from "../within.ts";
import type { WithinOptions } from "../within.ts";
import { statusFailure } from "./failure.ts";

/** The longest answer that is read, in bytes: an endpoint that never stops must not fill the memory. */
const maxAnswerBytes = 64 * 1024 * 1024;

/** What talks HTTP to an endpoint. Everything it rejects with is a `ModelError` that may be shown, or the abort's reason. */
export interface Connection {
  /** The body of a good answer. */
  whole(path: string, body: JsonObject, signal: AbortSignal | undefined): Promise<string>;
  /** A good answer as it comes; leaving the loop ends the call. */
  open(path: string, body: JsonObject, signal: AbortSignal | undefined): AsyncGenerator<OpenAnswer, void, undefined>;
  readonly redact: (text: string) => string;
}

/** First what kind of answer it is, then its text in pieces. */
export type OpenAnswer = { readonly mediaType: string } | { readonly text: string };

export function connection(endpoint: Endpoint): Connection {
  const { id, url, timeoutMs = 60_000, clock = systemClock } = endpoint;
  const { origin, username, password, searchParams } = new URL(url);
  const secrets = [endpoint.apiKey, decoded(password), ...searchParams.values(), ...headerSecrets(endpoint)];
  const redact = redaction([...secrets, username === "" ? undefined : `${decoded(username)}:${decoded(password)}`]);
  const expired = (): ModelError =>
    new ModelError("timeout", `${id}: no answer from ${origin} within ${timeoutMs} ms`, { retryable: true });
  const timed = (signal: AbortSignal | undefined): WithinOptions => ({ ms: timeoutMs, clock, signal, expired });

  const failure = (thrown: unknown, signal: AbortSignal | undefined): unknown => {
    if (signal?.aborted === true) return signal.reason;
    if (thrown instanceof ModelError) return thrown;
    const cause = safeCause(thrown, redact);
    const message = `${id}: no answer from ${origin}: ${messageOf(cause)}`;
    return new ModelError("unavailable", message, { retryable: true, cause });
  };
  const ask = async (path: string, body: JsonObject, signal: AbortSignal): Promise<Response> => {
    const { fetch = globalThis.fetch } = endpoint;
    const init = { method: "POST", headers: headersOf(endpoint), body: JSON.stringify(body), signal };
    // A redirect would take the headers, keys included, wherever the endpoint says.
    const response = await fetch(addressOf(url, path), { ...init, redirect: "manual" });
    if (response.ok) return response;
    throw statusFailure(response, await textOf(response, id), { id, clock, redact });
  };

  return {
    redact,
    async whole(path, body, signal) {
      try {
        const read = async (ending: AbortSignal): Promise<string> => textOf(await ask(path, body, ending), id);
        return await within(read, timed(signal));
      } catch (thrown) {
        throw failure(thrown, signal);
      }
    },
    async *open(path, body, signal) {
      const source = async function* (ending: AbortSignal): AsyncGenerator<OpenAnswer, void, undefined> {
        const response = await ask(path, body, ending);
        yield { mediaType: response.headers.get("content-type") ?? "" };
        for await (const text of pieces(response, id)) yield { text };
      };
      try {
        yield* eachWithin(source, timed(signal));
      } catch (thrown) {
        throw failure(thrown, signal);
      }
    },
  };
}

function addressOf(url: string, path: string): URL {
  const address = new URL(url);
  address.pathname = `${address.pathname.replace(/\/+$/, "")}/${path}`;
  // fetch refuses addresses with credentials; they go as a header.
  address.username = "";
  address.password = "";
  return address;
}

function headersOf({ apiKey, url, headers }: Endpoint): Record<string, string> {
  const { username, password } = new URL(url);
  const credentials = Buffer.from(`${decoded(username)}:${decoded(password)}`).toString("base64");
  const basic = username === "" ? undefined : { authorization: `Basic ${credentials}` };
  const bearer = apiKey === undefined || apiKey === "" ? basic : { authorization: `Bearer ${apiKey}` };
  return { "content-type": "application/json", ...bearer, ...headers };
}

function headerSecrets({ headers = {} }: Endpoint): readonly string[] {
  return Object.values(headers).flatMap((value) => [value, value.replace(/^\w+\s+/, "")]);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

async function textOf(response: Response, id: string): Promise<string> {
  let text = "";
  for await (const piece of pieces(response, id)) text += piece;
  return text;
}

async function* pieces({ body }: Response, id: string): AsyncGenerator<string, void, undefined> {
  if (body === null) return;
  const decoder = new TextDecoder();
  let bytes = 0;
  for await (const piece of body as AsyncIterable<Uint8Array>) {
    bytes += piece.byteLength;
    if (bytes > maxAnswerBytes)
      throw new ModelError("bad_response", `${id}: the answer is longer than ${maxAnswerBytes} bytes`);
    yield decoder.decode(piece, { stream: true });
  }
  yield decoder.decode();
}
