import type { EvaluateWork, ExampleResult, Incumbent, Teleprompter, Told } from "#optimize";
import type { Configuration } from "#variables";

/** A measurement to ask for. */
export interface Listed extends Partial<EvaluateWork> {
  readonly configuration: Configuration;
}

interface State {
  readonly issued: number;
  readonly told: number;
  readonly results: Readonly<Record<string, readonly ExampleResult[]>>;
}

/** What it was told, by the work's place in the list. */
export interface Heard {
  readonly results: Record<string, readonly ExampleResult[]>;
}

/**
 * Asks for these measurements, wave by wave: what stands in one is out at once. All on the first `examples` validation
 * examples unless the item says otherwise. The winner is the last configuration.
 */
export function listedSearch(
  waves: readonly (readonly Listed[])[],
  { examples = 8, heard }: { readonly examples?: number; readonly heard?: Heard } = {},
): Teleprompter {
  const work = waves.map((wave, at) =>
    wave.map((item, place): EvaluateWork => ({
      kind: "evaluate",
      id: `${at}-${place}`,
      purpose: `wave ${at}, item ${place}`,
      split: "validation",
      examples: Array.from({ length: examples }, (_, index) => index),
      ...item,
    })),
  );
  const all = work.flat();
  const due = ({ issued, told }: State): readonly EvaluateWork[] => {
    let before = 0;
    for (const wave of work) {
      if (issued < before + wave.length) return told < before ? [] : wave.slice(issued - before);
      before += wave.length;
    }
    return [];
  };
  const tell = (state: State, told: Told): State => {
    if (told.type === "issued") return { ...state, issued: state.issued + told.work.length };
    if (told.type === "completed") return state;
    if (heard !== undefined) heard.results[told.work.id] = told.results;
    return { ...state, told: state.told + 1, results: { ...state.results, [told.work.id]: told.results } };
  };
  const incumbent = ({ told }: State): Incumbent | undefined =>
    told === 0 ? undefined : { configuration: all.at(-1)?.configuration ?? {}, score: 1, work: "0-0" };
  return {
    name: "listed",
    options: {},
    start: () => ({ issued: 0, told: 0, results: {} }),
    ask: (state, _rng, capacity) => due(state as State).slice(0, capacity),
    tell: (state, told) => tell(state as State, told),
    finished: (state) => ((state as State).told === all.length ? "all was measured" : undefined),
    incumbent: (state) => incumbent(state as State),
  };
}
