import type { JsonObject } from "#foundation";
import { ModelError, noUsage } from "#programs";
import type { ModelReply, ToolCall, Usage } from "#programs";
import { redacted } from "../redaction.ts";
import { idOf, metadataOf, readUsage, reply } from "./completion.ts";
import type { ReadingContext } from "./completion.ts";
import { excerpt, saidFailure } from "./failure.ts";
import { at, items, parsed } from "../json-value.ts";

/** What has come of a streamed completion so far. */
export interface Pieces {
  readonly text: string;
  /** The last piece's part of it. */
  readonly newText: string;
  readonly toolCalls: readonly ToolCall[];
  readonly finish: unknown;
  readonly usage: Usage;
  readonly metadata: JsonObject;
}

export const noPieces: Pieces = {
  text: "",
  newText: "",
  toolCalls: [],
  finish: undefined,
  usage: { ...noUsage, calls: 1 },
  metadata: {},
};

/** The pieces with one more event's data. Throws `ModelError` for an error in the stream and for what is no JSON. */
export function withPiece(pieces: Pieces, data: string, { endpoint, redact }: ReadingContext): Pieces {
  const event = parsed(data);
  if (at(event, "error") !== undefined) throw saidFailure(at(event, "error"), { id: endpoint.id, redact });
  if (typeof event !== "object" || event === null)
    throw new ModelError("bad_response", `${endpoint.id}: no event of a stream: ${excerpt(data, redact)}`, {
      retryable: true,
    });
  const choice = items(at(event, "choices"))[0];
  const delta = at(choice, "delta");
  const content = at(delta, "content");
  const newText = typeof content === "string" ? content : "";
  const usage = at(event, "usage");
  const reasoning = `${pieces.metadata["reasoning"] ?? ""}`;
  const metadata = redacted(metadataOf(event, delta), redact);
  return {
    text: pieces.text + newText,
    newText,
    toolCalls: items(at(delta, "tool_calls")).reduce<readonly ToolCall[]>(withToolPiece, pieces.toolCalls),
    finish: at(choice, "finish_reason") ?? pieces.finish,
    usage: typeof usage === "object" && usage !== null ? readUsage(endpoint, usage) : pieces.usage,
    metadata: {
      ...pieces.metadata,
      ...metadata,
      ...(metadata["reasoning"] === undefined ? {} : { reasoning: reasoning + metadata["reasoning"] }),
    },
  };
}

/** A call's first piece names it; the later ones, told by their index, go on with its arguments. */
function withToolPiece(calls: readonly ToolCall[], piece: unknown): readonly ToolCall[] {
  const told = at(piece, "index");
  const index = typeof told === "number" && told >= 0 && told <= calls.length ? told : calls.length;
  const { id, name, input } = calls[index] ?? { id: "", name: "", input: "" };
  const part = at(piece, "function");
  const call = {
    id: id === "" ? idOf(at(piece, "id"), index) : id,
    name: typeof at(part, "name") === "string" && name === "" ? String(at(part, "name")) : name,
    input: typeof at(part, "arguments") === "string" ? input + String(at(part, "arguments")) : input,
  };
  return calls.toSpliced(index, 1, call);
}

/** The whole reply. Throws `ModelError` for a stream that ended without saying why: it was cut short. */
export function wholeReply(pieces: Pieces, isDone: boolean, { endpoint }: ReadingContext): ModelReply {
  if (!isDone && pieces.finish === undefined)
    throw new ModelError("unavailable", `${endpoint.id}: the stream was cut short`, { retryable: true });
  const toolCalls = pieces.toolCalls.map((call) => (call.input === "" ? { ...call, input: "{}" } : call));
  return reply({ ...pieces, finish: pieces.finish ?? "stop", toolCalls });
}
