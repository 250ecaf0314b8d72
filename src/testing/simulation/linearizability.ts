import { canonicalJson, UsageError } from "#foundation";
import type { Json } from "#foundation";

/** What a client asked of a shared object and heard, with the times of both. */
export interface Operation<Input extends Json = Json, Output extends Json = Json> {
  readonly callMs: number;
  /** `null`: it never heard an answer; it may have had its effect, at any time after the call, or not. */
  readonly returnMs: number | null;
  readonly input: Input;
  /** Not looked at when there was no answer. */
  readonly output: Output;
}

/** An object as it would be if operations came one after the other. */
export interface SequentialModel<State extends Json, Input extends Json, Output extends Json> {
  readonly initial: State;
  /** The state after the operation, and whether this output is right for it; `null` stands for an unknown output. */
  step(state: State, input: Input, output: Output | null): { readonly state: State; readonly isRight: boolean };
  /** Operations on different parts do not concern each other (a key-value store's keys): checked apart, which is quick. */
  partOf?(input: Input): string;
}

/**
 * Whether a history is linearizable: whether each operation can be thought to have happened at one moment between its call
 * and its return. The search of Wing and Gong (1993) with Lowe's memory (2017), as Porcupine has it. Exponential at
 * worst; usual histories of hundreds of operations take milliseconds.
 */
export function isLinearizable<State extends Json, Input extends Json, Output extends Json>(
  history: readonly Operation<Input, Output>[],
  model: SequentialModel<State, Input, Output>,
): boolean {
  for (const { callMs, returnMs } of history) {
    if (returnMs !== null && !(returnMs >= callMs))
      throw new UsageError(`isLinearizable: expected a return after the call at ${callMs}, got ${returnMs}`);
  }
  const parts = Map.groupBy(history, ({ input }) => model.partOf?.(input) ?? "");
  return [...parts.values()].every((part) => isPartLinearizable(part, model));
}

interface Search {
  readonly done: bigint;
  readonly state: Json;
}

function isPartLinearizable<State extends Json, Input extends Json, Output extends Json>(
  history: readonly Operation<Input, Output>[],
  model: SequentialModel<State, Input, Output>,
): boolean {
  const operations = history.toSorted((a, b) => a.callMs - b.callMs);
  const answered = operations.reduce((bits, { returnMs }, place) => (returnMs === null ? bits : bits | bit(place)), 0n);
  const seen = new Set<string>();
  const open: Search[] = [{ done: 0n, state: model.initial }];
  for (let search = open.pop(); search !== undefined; search = open.pop()) {
    const { done } = search;
    if ((done & answered) === answered) return true;
    for (const place of firstPossible(operations, done).toReversed()) {
      const operation = operations[place];
      if (operation === undefined) continue;
      const output = operation.returnMs === null ? null : operation.output;
      const { state, isRight } = model.step(search.state as State, operation.input, output);
      if (!isRight) continue;
      const next = { done: done | bit(place), state };
      const key = `${next.done.toString(36)} ${canonicalJson(state)}`;
      if (seen.has(key)) continue;
      seen.add(key);
      open.push(next);
    }
  }
  return false;
}

/** What may come next: whatever was called before the first return of those that are not done. */
function firstPossible(operations: readonly Operation[], done: bigint): readonly number[] {
  let firstReturnMs = Infinity;
  const possible: number[] = [];
  for (const [place, { callMs, returnMs }] of operations.entries()) {
    if (callMs > firstReturnMs) break;
    if ((done & bit(place)) !== 0n) continue;
    possible.push(place);
    firstReturnMs = Math.min(firstReturnMs, returnMs ?? Infinity);
  }
  return possible.filter((place) => (operations[place]?.callMs ?? 0) <= firstReturnMs);
}

function bit(place: number): bigint {
  return 1n << BigInt(place);
}

export type RegisterInput =
  | { readonly type: "read" }
  | { readonly type: "write"; readonly value: Json }
  | { readonly type: "compare_and_set"; readonly expected: Json; readonly value: Json };

/** A register: `read` answers the value, `write` anything, `compare_and_set` whether it was as expected. */
export function registerModel(initial: Json = null): SequentialModel<Json, RegisterInput, Json> {
  return { initial, step: stepRegister };
}

export type KeyValueInput = RegisterInput & { readonly key: string };

/** Registers by key. */
export function keyValueModel(initial: Json = null): SequentialModel<Json, KeyValueInput, Json> {
  return { initial, step: stepRegister, partOf: ({ key }) => key };
}

function stepRegister(
  state: Json,
  input: RegisterInput,
  output: Json,
): { readonly state: Json; readonly isRight: boolean } {
  switch (input.type) {
    case "read":
      // An unknown answer changes nothing; a read that answers null where there is another value is wrong.
      return { state, isRight: canonicalJson(state) === canonicalJson(output) };
    case "write":
      return { state: input.value, isRight: true };
    case "compare_and_set": {
      const isSet = canonicalJson(state) === canonicalJson(input.expected);
      return { state: isSet ? input.value : state, isRight: output === null || output === isSet };
    }
  }
}
