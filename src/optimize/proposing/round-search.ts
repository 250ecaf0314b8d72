import { canonicalJson, shuffle } from "#foundation";
import type { JsonObject, Rng } from "#foundation";
import { completeConfiguration } from "../proposal.ts";
import { halvingRungs, halvingSurvivors } from "../racing/halving.ts";
import { pairedEstimate } from "../racing/paired-scores.ts";
import { meanScore, measured } from "../score-board.ts";
import type { CompleteWork, EvaluateWork, Incumbent, Task, Teleprompter, Told, Work } from "../teleprompter.ts";
import { makeWork } from "./planned-work.ts";
import type { PlannedWork } from "./planned-work.ts";
import { chanceOf, isOut, leaderOf, winner } from "./round-state.ts";
import type { Entrant, RoundCandidate, RoundState } from "./round-state.ts";

/**
 * A search in rounds: run training examples with the best so far, ask for proposals with what came of them, compare the
 * candidates made of the replies. All chance comes from `chanceOf(state)`, so that everything follows from the state.
 */
interface RoundSearch {
  readonly name: string;
  readonly options: JsonObject;
  /** How many rounds there are at most. */
  readonly rounds: (task: Task) => number;
  /** How many training examples are run before each round's proposals; 0 for none. */
  readonly batch: number;
  /** Throws `UsageError` for a task that lacks what is needed. */
  readonly check: (task: Task) => void;
  /** The calls of the present round; their ids stay the same while the round lasts. */
  readonly proposals: (state: RoundState) => readonly PlannedWork<CompleteWork>[];
  /** What the replies of the present round come to. Those that were tried before are left out by the search. */
  readonly candidates: (state: RoundState) => readonly RoundCandidate[];
}

/** After so many rounds without a candidate nothing is expected of another. */
const maxBarren = 3;

/**
 * The rounds as a teleprompter. The candidates of a round meet the validation examples in one order, which each round
 * begins elsewhere, in successive halving (`halvingRungs`): only what was measured on all examples can win. Of those the
 * highest mean wins; of equals the one that was there first, unless a later one is shorter.
 */
export function roundSearch(search: RoundSearch): Teleprompter<RoundState> {
  return {
    name: search.name,
    kinds: ["text"],
    options: search.options,
    start(task) {
      search.check(task);
      return {
        task,
        seed: "",
        round: 0,
        phase: "learn",
        issued: [],
        told: [],
        baseline: undefined,
        lessons: [],
        replies: {},
        entrants: [],
        barren: 0,
      };
    },
    ask: (state, rng, capacity) => dueWork(search, state, rng, capacity),
    tell: (state, told) => advanced(search, heard(state, told)),
    finished: (state) => (state.baseline === undefined ? undefined : endOf(search, state)),
    incumbent: (state) => incumbentOf(state),
  };
}

function dueWork(search: RoundSearch, state: RoundState, rng: Rng, capacity: number): readonly Work[] {
  if (endOf(search, state) !== undefined) return [];
  if (state.seed !== "") return makeWork(phaseWork(search, state), state.issued, capacity);
  const seed = String(rng.fork("seed").next());
  const { task } = state;
  const baseline: EvaluateWork = {
    kind: "evaluate",
    id: "baseline",
    purpose: "the baseline",
    configuration: task.baseline,
    split: "validation",
    examples: task.validation.keys().toArray(),
    note: { seed },
  };
  return makeWork([{ id: baseline.id, make: () => baseline }, ...phaseWork(search, { ...state, seed })], [], capacity);
}

function phaseWork(search: RoundSearch, state: RoundState): readonly PlannedWork[] {
  switch (state.phase) {
    case "learn":
      return learningWork(search, state);
    case "propose":
      return search.proposals(state);
    case "compare":
      return state.baseline === undefined ? [] : comparingWork(state);
  }
}

/** The next training examples of one shuffled order, again from its beginning when it has ended. */
function learningWork({ batch }: RoundSearch, state: RoundState): readonly PlannedWork[] {
  const { task, round } = state;
  const count = Math.min(batch, task.train.length);
  if (count === 0) return [];
  const id = `learn-${round + 1}`;
  const make = (): EvaluateWork => {
    const order = shuffle(chanceOf(state).fork("training examples"), task.train.keys().toArray());
    return {
      kind: "evaluate",
      id,
      purpose: `round ${round + 1}: the best so far runs training examples`,
      configuration: leaderOf(state).configuration,
      split: "train",
      examples: Array.from({ length: count }, (_, at) => order[(round * count + at) % order.length] as number),
      trace: true,
    };
  };
  return [{ id, make }];
}

function comparingWork(state: RoundState): readonly PlannedWork[] {
  return state.entrants
    .filter((entrant) => entrant.round === state.round && !isOut(entrant, state))
    .map((entrant) => {
      const id = `${entrant.work}/${entrant.rung + 1}`;
      return { id, make: () => rungWork(state, entrant, id) };
    });
}

function rungWork(
  { task, seed, round }: RoundState,
  { purpose, configuration, rung }: Entrant,
  id: string,
): EvaluateWork {
  const all = shuffle(chanceOf({ seed }).fork("examples"), task.validation.keys().toArray());
  const rungs = halvingRungs(all.length);
  const first = (round * (rungs[0] as number)) % all.length;
  const order = [...all.slice(first), ...all.slice(0, first)];
  return {
    kind: "evaluate",
    id,
    purpose: rung === 0 ? purpose : `${purpose}, rung ${rung + 1}`,
    configuration,
    split: "validation",
    examples: order.slice(rungs[rung - 1] ?? 0, rungs[rung]),
  };
}

function heard(state: RoundState, told: Told): RoundState {
  if (told.type === "issued") {
    const ids = told.work.map(({ id }) => id);
    const seed = told.work.find(({ id }) => id === "baseline");
    const note = seed?.kind === "evaluate" ? seed.note?.["seed"] : undefined;
    return { ...state, issued: [...state.issued, ...ids], ...(typeof note === "string" ? { seed: note } : {}) };
  }
  const { id } = told.work;
  const next = { ...state, told: [...state.told, id] };
  if (told.type === "completed") return { ...next, replies: { ...state.replies, [id]: told.result } };
  if (id === "baseline") return { ...next, baseline: measured(told.work, told.results) };
  if (told.work.split === "train") return { ...next, lessons: told.results };
  const { scores } = measured(told.work, told.results);
  const own = id.slice(0, id.lastIndexOf("/"));
  const entrants = state.entrants.map((entrant) =>
    entrant.work === own ? { ...entrant, scores: { ...entrant.scores, ...scores } } : entrant,
  );
  return { ...next, entrants };
}

/** The state with every phase ended of which all was told. */
function advanced(search: RoundSearch, heardState: RoundState): RoundState {
  let state = heardState;
  while (state.seed !== "" && endOf(search, state) === undefined) {
    if (state.phase === "compare" && state.baseline === undefined) return state;
    if (!phaseWork(search, state).every(({ id }) => state.told.includes(id))) return state;
    state = { ...nextPhase(search, state), issued: [], told: [] };
  }
  return state;
}

function nextPhase(search: RoundSearch, state: RoundState): RoundState {
  switch (state.phase) {
    case "learn":
      return { ...state, phase: "propose" };
    case "propose": {
      const entered = newEntrants(search, state);
      if (entered.length === 0) return nextRound({ ...state, barren: state.barren + 1 });
      return { ...state, phase: "compare", barren: 0, entrants: [...state.entrants, ...entered] };
    }
    case "compare":
      return nextRung(state);
  }
}

function newEntrants(search: RoundSearch, state: RoundState): Entrant[] {
  const { task, round, entrants } = state;
  const known = new Set([task.baseline, completeConfiguration(task, task.baseline)].map(canonicalJson));
  for (const { configuration } of entrants) known.add(canonicalJson(configuration));
  const entered: Entrant[] = [];
  for (const candidate of search.candidates(state)) {
    const configuration = completeConfiguration(task, candidate.configuration);
    const key = canonicalJson(configuration);
    if (known.has(key)) continue;
    known.add(key);
    const work = `try-${round + 1}-${entered.length + 1}`;
    entered.push({ ...candidate, configuration, work, round, rung: 0, isFull: false, scores: {} });
  }
  return entered;
}

function nextRung(state: RoundState): RoundState {
  const { task, round, entrants, baseline } = state;
  const rungs = halvingRungs(task.validation.length);
  const running = entrants.filter((entrant) => entrant.round === round && !isOut(entrant, state));
  const isLast = running.every(({ rung }) => rung === rungs.length - 1);
  const reference = baseline?.scores ?? {};
  const survivors = new Set(
    isLast
      ? running
      : halvingSurvivors(running.map(({ scores }) => pairedEstimate(scores, reference))).map((at) => running[at]),
  );
  const moved = entrants.map((entrant) => {
    if (!survivors.has(entrant)) return entrant;
    return isLast ? { ...entrant, isFull: true } : { ...entrant, rung: entrant.rung + 1 };
  });
  const next = { ...state, entrants: moved };
  return isLast ? nextRound(next) : next;
}

function nextRound(state: RoundState): RoundState {
  return { ...state, round: state.round + 1, phase: "learn", lessons: [], replies: {} };
}

/** Why there are no further rounds; the baseline may still be out. */
function endOf(search: RoundSearch, state: RoundState): string | undefined {
  const tried = `${state.entrants.length} candidates were tried in ${state.round} rounds`;
  if (state.barren >= maxBarren) return `${tried}, and no proposal of the last ${maxBarren} was of any use`;
  return state.round >= search.rounds(state.task) ? tried : undefined;
}

function incumbentOf(state: RoundState): Incumbent | undefined {
  const best = winner(state) ?? state.baseline;
  const score = best && meanScore(best);
  return best && score !== undefined ? { configuration: best.configuration, score, work: best.work } : undefined;
}
