import type { Json } from "#foundation";
import type { SearchState } from "../search-state.ts";

/**
 * The newest that was noted under a name, as it reads. Whatever does not read is passed over: callers note with their own
 * trials what they like.
 */
export function newestNote<T>(
  { trials }: SearchState,
  field: string,
  read: (noted: Json) => T | undefined,
): T | undefined {
  for (let at = trials.length - 1; at >= 0; at--) {
    const noted = trials[at]?.note?.[field];
    const found = noted === undefined ? undefined : read(noted);
    if (found !== undefined) return found;
  }
  return undefined;
}
