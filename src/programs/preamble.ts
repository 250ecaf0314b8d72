import { isPlainObject, describe, UsageError } from "#foundation";
import type { Demo } from "#variables";
import type { Adapter } from "./adapters/adapter.ts";
import type { Message } from "./language-model.ts";
import { withInstructions } from "./signature.ts";
import type { Signature } from "./signature.ts";

/** How many instructions are remembered for one signature: an optimiser's candidates in flight, not its history. */
const maxInstructions = 64;

const known = new WeakMap<Signature, Map<string, WeakMap<readonly Demo[], readonly Message[]>>>();

/**
 * The adapter's messages for everything but the inputs. Remembered by the identity of the signature and of the demos:
 * both are values that nobody changes, so that a thousand calls with one configuration render its prompt once.
 */
export function preambleFor(
  adapter: Adapter,
  signature: Signature,
  instructions: string,
  demos: readonly Demo[],
): readonly Message[] {
  let byInstructions = known.get(signature);
  if (byInstructions === undefined) known.set(signature, (byInstructions = new Map()));
  const key = instructions === signature.instructions ? adapter.name : `${adapter.name}\n${instructions}`;
  let byDemos = byInstructions.get(key);
  if (byDemos === undefined) {
    if (byInstructions.size >= maxInstructions) byInstructions.clear();
    byInstructions.set(key, (byDemos = new WeakMap()));
  }
  let messages = byDemos.get(demos);
  if (messages === undefined) {
    checkDemos(demos);
    messages = adapter.preamble(withInstructions(signature, instructions), demos);
    byDemos.set(demos, messages);
  }
  return messages;
}

function checkDemos(demos: unknown): void {
  if (!Array.isArray(demos)) throw new UsageError(`configuration demos: expected a list, got ${describe(demos)}`);
  for (const [index, demo] of demos.entries())
    if (!isPlainObject(demo) || !isPlainObject(demo["inputs"]) || !isPlainObject(demo["outputs"]))
      throw new UsageError(`configuration demos[${index}]: expected { inputs, outputs }, got ${describe(demo)}`);
}
