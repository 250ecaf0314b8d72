import { canonicalJson } from "#foundation";
import type { RunEvent } from "#optimize";
import type { Configuration } from "#variables";
import { commonestFailures } from "../reports/failures-text.ts";
import { counted } from "../terminal/words.ts";

/** Listens to a run for examples that fail: a search among nothing but failures is money lost. */
export interface FailureWatch {
  /** The lines to say after this event, which are none but when all of the baseline failed. */
  see(event: RunEvent): string[];
  /** What failed in all and said what, as lines; none when nothing failed. */
  sum(): string[];
}

export function failureWatch(baseline: Configuration): FailureWatch {
  const wanted = canonicalJson(baseline);
  const baselineSizes = new Map<string, number>();
  const failed = new Map<string, string[]>();
  let examples = 0;
  let isWarned = false;
  const see = (event: RunEvent): string[] => {
    if (event.type === "issued")
      for (const work of event.work)
        if (work.kind === "evaluate" && work.split === "validation" && canonicalJson(work.configuration) === wanted)
          baselineSizes.set(work.id, work.examples.length);
    if (event.type === "example") {
      examples++;
      const { work, result } = event;
      if (!failed.has(work)) failed.set(work, []);
      if (!result.ok) failed.get(work)?.push(result.message);
    }
    if (event.type !== "told") return [];
    const messages = failed.get(event.work) ?? [];
    if (messages.length === 0 || messages.length !== baselineSizes.get(event.work)) return [];
    isWarned = true;
    const all = counted(messages.length, "example");
    return [`warning: all ${all} of the baseline failed; look into this first (Ctrl-C pauses the run):`].concat(
      commonestFailures(messages),
    );
  };
  const sum = (): string[] => {
    const messages = [...failed.values()].flat();
    if (messages.length === 0 || (isWarned && failed.size === 1)) return [];
    return [`${messages.length} of ${counted(examples, "example")} run failed:`, ...commonestFailures(messages)];
  };
  return { see, sum };
}
