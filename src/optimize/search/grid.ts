import { enumerateConfigurations } from "#variables/search";
import type { Configuration, Space } from "#variables";
import type { Sampler } from "./sampler.ts";
import type { SearchState } from "./search-state.ts";
import { trialSampler } from "./trial-sampler.ts";

/**
 * Every configuration of a finite space, each once, in a fixed order. Throws `UsageError` at the start for a space in
 * which a variable has a continuum of values.
 */
export function grid(): Sampler<SearchState> {
  const walks = new WeakMap<Space, Walk>();
  const walkOf = (space: Space): Walk => {
    const known = walks.get(space) ?? { rest: enumerateConfigurations(space), seen: [] };
    walks.set(space, known);
    return known;
  };
  return trialSampler({
    name: "grid_search",
    options: {},
    check: walkOf,
    propose: ({ space }, { isNew }) => configurationsOf(walkOf(space)).find(isNew),
  });
}

/** An enumeration that goes on where the last ask has left it. */
interface Walk {
  readonly rest: Iterator<Configuration>;
  readonly seen: Configuration[];
}

function* configurationsOf({ rest, seen }: Walk): Generator<Configuration> {
  yield* seen;
  for (let next = rest.next(); next.done !== true; next = rest.next()) {
    seen.push(next.value);
    yield next.value;
  }
}
