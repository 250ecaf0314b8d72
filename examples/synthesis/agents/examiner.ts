import { canonicalJson } from "tutti/foundation";
import type { Sandbox, SandboxOutcome } from "tutti/foundation/sandbox";
import { sameValue } from "../programs/value.ts";
import type { Pair } from "../tasks/task.ts";

/** Executes returned programs: the only judge of whether they are right. */
export interface Examiner {
  /** What the program gets wrong on the pairs, one line for each; none when it is right. */
  failures(source: string, pairs: readonly Pair[]): Promise<readonly string[]>;
}

/** The same program on the same pairs always does the same: so many verdicts are remembered. */
const remembered = 50_000;

/** An examiner that runs programs in a sandbox, each program on the same pairs once. */
export function examiner(sandbox: Sandbox): Examiner {
  const known = new Map<string, Promise<readonly string[]>>();
  return {
    failures(source, pairs) {
      const key = canonicalJson([source, pairs]);
      let verdict = known.get(key);
      if (verdict === undefined) {
        if (known.size >= remembered) known.clear();
        verdict = examine(sandbox, source, pairs);
        known.set(key, verdict);
        verdict.catch(() => known.delete(key));
      }
      return verdict;
    },
  };
}

async function examine(sandbox: Sandbox, source: string, pairs: readonly Pair[]): Promise<readonly string[]> {
  const result = await sandbox.run({ source, inputs: pairs.map(({ input }) => input) });
  if (!result.ok) return pairs.map((_, place) => `pair ${place + 1}: ${result.code}`);
  return pairs.flatMap(({ output }, place) => {
    const outcome = result.results[place] as SandboxOutcome;
    if (!outcome.ok) return [`pair ${place + 1}: ${outcome.code}, ${outcome.message}`];
    if (sameValue(outcome.value, output)) return [];
    return [`pair ${place + 1}: expected ${JSON.stringify(output)}, got ${JSON.stringify(outcome.value)}`];
  });
}
