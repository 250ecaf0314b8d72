import { systemClock } from "#foundation";
import { likelyCost } from "#optimize";
import type { EstimatedCost, StartOptions } from "#optimize";

/** A person who starts a run waits no longer for a guess. */
const patienceMs = 2000;

/** What a run is likely to cost; `undefined` where the search has no end of its own, or a guess takes too long. */
export async function expectedCost(start: Omit<StartOptions, "store">): Promise<EstimatedCost | undefined> {
  const [late, done] = [new AbortController(), new AbortController()];
  const limit = systemClock.sleep(patienceMs, { signal: done.signal }).then(
    () => late.abort(),
    () => {},
  );
  try {
    return await likelyCost({ ...start, signal: late.signal });
  } catch (error) {
    if (late.signal.aborted) return undefined;
    throw error;
  } finally {
    done.abort();
    await limit;
  }
}
