import { canonicalJson, describe, isPlainObject, jsonDefect, mapConcurrently, messageOf } from "#foundation";
import type { Clock, Json } from "#foundation";
import { boundedText } from "./bounded-json.ts";
import type { Tool } from "./tool.ts";

/** What somebody wants called. */
export interface WantedCall {
  readonly tool: string;
  readonly input: unknown;
}

/** A call that was made, as the trajectory has it. Either what the tool gave or why there is nothing. */
export type MadeCall = { readonly tool: string; readonly input: Json } & (
  | { readonly observation: Json }
  | { readonly error: string }
);

export interface ToolCallsOptions {
  readonly tools: readonly Tool[];
  readonly signal: AbortSignal | undefined;
  readonly clock: Clock;
  /** How long one call may take. */
  readonly timeoutMs: number;
  /** How long an observation may be; a longer one becomes its beginning and its end. */
  readonly maxChars: number;
  /** Calls at once. */
  readonly concurrency: number;
  /** What was called before, by `callKey`. Calls that are made are added. */
  readonly known: Map<string, Promise<MadeCall>>;
}

/** The most calls of one step that are made. */
const maxCalls = 32;

/**
 * Makes the calls of one step, some at once, and gives what came of them in their order. Whatever goes wrong with a call
 * is what came of it. A call that succeeded is not made again but for tools that repeat: the model is told what it gave. Rejects when the signal aborts.
 */
export async function makeCalls(wanted: readonly WantedCall[], options: ToolCallsOptions): Promise<MadeCall[]> {
  const made: MadeCall[] = [];
  const { concurrency, signal } = options;
  const work = (call: WantedCall): Promise<MadeCall> => makeOnce(call, options);
  for await (const call of mapConcurrently(wanted.slice(0, maxCalls), work, { concurrency, ordered: true, signal }))
    made.push(call);
  for (const { tool, input } of wanted.slice(maxCalls))
    made.push({ tool, input: shownInput(input), error: `not called: a step makes at most ${maxCalls} calls` });
  return made;
}

async function makeOnce(call: WantedCall, options: ToolCallsOptions): Promise<MadeCall> {
  const { known, tools } = options;
  const input = shownInput(call.input);
  if (tools.find(({ name }) => name === call.tool)?.repeats === true)
    return makeCall({ tool: call.tool, input }, options);
  const key = `${call.tool} ${canonicalJson(input)}`;
  const before = known.get(key);
  if (before !== undefined) {
    const same = await before;
    const again = "the same call was made before; this is what came of it then";
    return "error" in same
      ? { ...same, error: `${again}: ${same.error}` }
      : { ...same, observation: { note: again, observation: same.observation } };
  }
  const made = makeCall({ tool: call.tool, input }, options);
  known.set(key, made);
  const result = await made;
  // What failed may be tried again.
  if ("error" in result) known.delete(key);
  return result;
}

async function makeCall(
  { tool: name, input }: { tool: string; input: Json },
  options: ToolCallsOptions,
): Promise<MadeCall> {
  const { tools, signal, maxChars } = options;
  const found = tools.find((tool) => tool.name === name);
  if (found === undefined) {
    const known = tools.map((tool) => tool.name).join(", ") || "none";
    return { tool: name, input, error: `there is no tool ${describe(name)}; tools are ${known}` };
  }
  try {
    const given = (await inTime(found, input, options)) as Json;
    const text = typeof given === "string" ? given : JSON.stringify(given);
    return { tool: name, input, observation: text.length > maxChars ? boundedText(text, maxChars) : given };
  } catch (thrown) {
    signal?.throwIfAborted();
    return { tool: name, input, error: boundedText(messageOf(thrown), maxChars) };
  }
}

/** What the tool gives, unless its time is over or the signal aborts: then its late result is dropped. */
async function inTime(tool: Tool, input: Json, { signal, clock, timeoutMs }: ToolCallsOptions): Promise<unknown> {
  const over = new AbortController();
  const stop = new AbortController();
  const own = signal === undefined ? over.signal : AbortSignal.any([signal, over.signal]);
  const waiting = clock
    .sleep(timeoutMs, { signal: signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]) })
    .then(() => {
      const late = new Error(`it gave nothing within ${timeoutMs} ms`);
      over.abort(late);
      throw late;
    });
  try {
    return await Promise.race([tool.call(input, { signal: own }), waiting]);
  } finally {
    waiting.catch(() => {});
    stop.abort();
  }
}

/** An input as it is shown and compared. */
function shownInput(input: unknown): Json {
  if (input === undefined) return {};
  return input as Json;
}

/** The calls that a model's text form states, however it spells them. */
export function readCalls(value: unknown): readonly WantedCall[] {
  const list = Array.isArray(value) ? value : isPlainObject(value) ? [value] : [];
  return list.map((entry: unknown): WantedCall => {
    if (typeof entry === "string") return { tool: entry, input: {} };
    if (!isPlainObject(entry)) return { tool: describe(entry), input: {} };
    const nested = isPlainObject(entry["function"]) ? entry["function"] : entry;
    const name = nested["tool"] ?? nested["name"] ?? nested["tool_name"];
    const input = nested["input"] ?? nested["arguments"] ?? nested["args"] ?? nested["parameters"] ?? {};
    return { tool: typeof name === "string" ? name : describe(name), input: parsedInput(input) };
  });
}

/** Arguments as a model wrote them: JSON, or a JSON text. What is nested too deeply stays a text. */
export function parsedInput(input: unknown): unknown {
  if (typeof input !== "string") return input;
  if (input.trim() === "") return {};
  try {
    const value: unknown = JSON.parse(input);
    return jsonDefect(value) === undefined ? value : input;
  } catch {
    return input;
  }
}
