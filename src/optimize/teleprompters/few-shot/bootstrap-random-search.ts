import { integerBelow, seededRng } from "#foundation";
import type { Rng } from "#foundation";
import type { Configuration } from "#variables";
import { checkCounts } from "../../check-counts.ts";
import type { Success } from "../../proposing/demo-set.ts";
import { halvingRungs, halvingSurvivors } from "../../racing/halving.ts";
import { pairedEstimate } from "../../racing/paired-scores.ts";
import type { Scores } from "../../racing/paired-scores.ts";
import type { EvaluateWork, Task, Teleprompter, Told } from "../../teleprompter.ts";
import { askInTurn } from "../pool/ask-in-turn.ts";
import { firstRun, furtherRun, scoresOn, unasked, withIssued, withResults } from "../pool/member.ts";
import type { Draft, Member } from "../pool/member.ts";
import { baselineRun, incumbentOf, isValidated } from "../pool/validation-race.ts";
import { configurationKey, withDemos, withDrawnDemos } from "./demo-candidate.ts";
import { demosToSet, teachingOptions } from "./few-shot-options.ts";
import type { BootstrapOptions } from "./few-shot-options.ts";
import {
  earlySuccesses,
  firstSuccesses,
  isTaught,
  teachingWork,
  untaught,
  withAnswers,
  withLesson,
} from "./teaching.ts";
import type { Class, Teaching, TeachingOptions } from "./teaching.ts";

/** `maxBootstrapped` is 4 unless told. */
export interface BootstrapRandomSearchOptions extends BootstrapOptions {
  /** How many demonstration sets race, besides the baseline; 16 unless told. */
  readonly candidates?: number;
}

type Options = TeachingOptions & Required<Pick<BootstrapRandomSearchOptions, "candidates">>;

export interface BootstrapRandomSearchState {
  readonly task: Task;
  readonly teaching: Teaching;
  /** The baseline, then the sets in the order of their issue. */
  readonly pool: readonly Member[];
}

/** A quarter of the examples, half, all: on fewer, sets that differ by a few hundredths cannot be told apart. */
const halving = { eta: 2, rungs: 3 } as const;

/** How often a set is drawn anew when one like it is in the race; then its number is passed over. */
const maxRedraws = 20;

/** What is put together without chance, before the drawn sets: no demonstrations, labelled ones, the first successes. */
const givenSets = ["no demonstrations", "labelled examples", "the first successes"] as const;

/**
 * A race of demonstration sets: none, labelled examples alone, the first successes of the training examples, then sets of
 * one to `maxBootstrapped` drawn successes, all filled up with labelled examples that cover other answers. Those made
 * without drawing successes are measured on all validation examples at once, so that there is something to use early. All
 * are then compared on a quarter of these examples, the better half of them on half, the better half of those on all
 * (`halvingRungs`); the winner was measured on all, and so was the baseline. Sets on one rung are compared on the same
 * examples, once all are told, so that no order of answers changes who climbs. What the space has besides demonstrations
 * stays as in the baseline: `stages` searches it before or after.
 *
 * After DSPy's BootstrapFewShotWithRandomSearch, which measures all its candidates on everything and bootstraps anew for
 * each of them; here one parallel teaching serves all, and no set is measured twice.
 */
export function bootstrapRandomSearch(
  options: BootstrapRandomSearchOptions = {},
): Teleprompter<BootstrapRandomSearchState> {
  const { candidates = 16 } = options;
  checkCounts("bootstrapRandomSearch", { candidates });
  const all: Options = { ...teachingOptions("bootstrapRandomSearch", options, 4), candidates };
  return {
    name: "bootstrap_random_search",
    kinds: ["demos"],
    options: { ...all },
    start: (task) => {
      demosToSet("bootstrapRandomSearch", task);
      return { task, teaching: untaught, pool: [] };
    },
    ask: (state, rng, capacity) =>
      askInTurn(state, capacity, {
        next: (reached) => nextWork(reached, all, rng),
        issue: (reached, work) => (work.kind === "evaluate" ? issued(reached, work) : reached),
      }),
    tell: (state, told) => tell(state, told, all),
    finished: (state) => finished(state, all),
    incumbent: ({ task, pool }) => incumbentOf(task, pool),
  };
}

function nextWork(state: BootstrapRandomSearchState, options: Options, rng: Rng): EvaluateWork | undefined {
  const { task, teaching, pool } = state;
  if (pool.length === 0) return firstWork(task, rng);
  const lessons = { rng: chanceOf(state).fork("teaching"), count: 1 };
  const [lesson] = teachingWork(classOf(state, options), teaching, lessons);
  if (lesson !== undefined) return lesson;
  const rungs = rungsOf(state);
  const draft = nextDraft(state, options);
  if (draft !== undefined) {
    const isGiven = Number(draft.origin.note["number"]) < givenSets.length;
    return firstRun(pool, draft, { split: "validation", examples: rungs.at(isGiven ? -1 : 0) ?? [] });
  }
  if (!isTaught(classOf(state, options), teaching)) return undefined;
  return furtherWork(pool, rungs);
}

/** The validation examples that a candidate has met at each rung, in the one order in which all meet them. */
function rungsOf({ task, pool }: BootstrapRandomSearchState): readonly (readonly number[])[] {
  const order = pool[0]?.asked.validation ?? [];
  return halvingRungs(task.validation.length, halving).map((count) => order.slice(0, count));
}

/** The next block of one that has climbed a rung; `undefined` as long as a rung waits for answers, and at the end. */
function furtherWork(pool: readonly Member[], rungs: readonly (readonly number[])[]): EvaluateWork | undefined {
  for (const { place, rung } of climbers(pool, rungs)) {
    const examples = unasked(pool[place] as Member, "validation", rungs[rung] ?? []);
    if (examples.length > 0) return furtherRun(pool, place, { split: "validation", examples });
  }
  return undefined;
}

/** Who is on the highest rung that has been reached, and which rung it is. */
function climbers(
  pool: readonly Member[],
  rungs: readonly (readonly number[])[],
): readonly { readonly place: number; readonly rung: number }[] {
  let places = pool.keys().drop(1).toArray();
  const reference = scoresOn(pool[0] as Member, "validation");
  for (const [rung, examples] of rungs.entries()) {
    const isOpen = places.some((place) => !isAnswered(pool[place] as Member, examples));
    if (isOpen || rung === rungs.length - 1) return places.map((place) => ({ place, rung }));
    if (!isAnswered(pool[0] as Member, examples)) return [];
    const worths = places.map((place) => worthOn(pool[place] as Member, examples, reference));
    places = halvingSurvivors(worths, halving).map((at) => places[at] as number);
  }
  return [];
}

function isAnswered({ answered }: Member, examples: readonly number[]): boolean {
  const known = new Set(answered.validation);
  return examples.every((example) => known.has(example));
}

/** What a member is worth by these examples, paired with the baseline on the same ones. */
function worthOn(member: Member, examples: readonly number[], reference: Scores): number | undefined {
  const among = new Set(examples);
  const scores = Object.entries(scoresOn(member, "validation")).filter(([place]) => among.has(Number(place)));
  return pairedEstimate(Object.fromEntries(scores), reference);
}

/** The baseline; its note brings the chance of all sets, so that no order of answers changes them. */
function firstWork(task: Task, rng: Rng): EvaluateWork {
  const work = baselineRun(task);
  return { ...work, note: { ...work.note, more: { seed: String(rng.fork("seed").next()) } } };
}

function chanceOf({ pool }: BootstrapRandomSearchState): Rng {
  return seededRng(String(pool[0]?.origin.note["seed"]));
}

function classOf({ task }: BootstrapRandomSearchState, options: TeachingOptions): Class {
  const enough = 2 * options.maxBootstrapped;
  return { task, targets: demosToSet("bootstrapRandomSearch", task), options, enough };
}

/** The next set that nobody like it is in the race; `undefined` where there is none now, or none any more. */
function nextDraft(state: BootstrapRandomSearchState, options: Options): Draft | undefined {
  const { task, pool } = state;
  const known = new Set(pool.map(({ configuration }) => configurationKey(task, configuration)));
  for (let number = drawnSoFar(pool); number < options.candidates; number++) {
    const successes = successesFor(number, state, options);
    if (successes === undefined) return undefined;
    for (let redraw = 0; redraw < (number < givenSets.length ? 1 : maxRedraws); redraw++) {
      const configuration = drawnSet(state, options, { number, redraw, successes });
      if (known.has(configurationKey(task, configuration))) continue;
      const purpose = givenSets[number] ?? `drawn set ${number - givenSets.length + 1}`;
      return { configuration, purpose, origin: { parents: [0], by: "bootstrap", note: { number } } };
    }
  }
  return undefined;
}

/** What a set is drawn from; `undefined` where that is not known yet. */
function successesFor(
  number: number,
  state: BootstrapRandomSearchState,
  options: Options,
): readonly Success[] | undefined {
  const { teaching } = state;
  if (givenSets[number] === "no demonstrations" || givenSets[number] === "labelled examples") return [];
  const pupils = classOf(state, options);
  const known = isTaught(pupils, teaching) ? teaching.successes : undefined;
  if (givenSets[number] === undefined) return known;
  const successes = earlySuccesses(pupils, teaching) ?? known;
  return successes && firstSuccesses(successes, options.maxBootstrapped);
}

function drawnSoFar(pool: readonly Member[]): number {
  return Math.max(-1, ...pool.map(({ origin }) => Number(origin.note["number"] ?? -1))) + 1;
}

interface Draw {
  readonly number: number;
  readonly redraw: number;
  readonly successes: readonly Success[];
}

function drawnSet(
  state: BootstrapRandomSearchState,
  options: Options,
  { number, redraw, successes }: Draw,
): Configuration {
  const { task } = state;
  const { targets } = classOf(state, options);
  if (number === 0) return withDemos(task, targets, () => []);
  const chance = chanceOf(state).fork(`set ${number}, draw ${redraw}`);
  const isGiven = number < givenSets.length;
  const maxBootstrapped = isGiven
    ? options.maxBootstrapped
    : 1 + integerBelow(chance.fork("size"), options.maxBootstrapped);
  return withDrawnDemos(task, chance, { ...options, targets, successes, maxBootstrapped });
}

function tell(state: BootstrapRandomSearchState, told: Told, options: Options): BootstrapRandomSearchState {
  if (told.type === "completed") return state;
  if (told.type === "issued")
    return told.work.reduce((next, work) => (work.kind === "evaluate" ? issued(next, work) : next), state);
  const { work, results } = told;
  if (work.split === "validation") return { ...state, pool: withResults(state.pool, { work, results }) };
  return { ...state, teaching: withAnswers(classOf(state, options), state.teaching, { work, results }) };
}

function issued(state: BootstrapRandomSearchState, work: EvaluateWork): BootstrapRandomSearchState {
  return work.split === "train"
    ? { ...state, teaching: withLesson(state.teaching, work) }
    : { ...state, pool: withIssued(state.pool, work) };
}

function finished(state: BootstrapRandomSearchState, options: Options): string | undefined {
  const { task, teaching, pool } = state;
  if (pool.length === 0 || pool.some(({ out }) => out > 0)) return undefined;
  if (!isTaught(classOf(state, options), teaching) || nextDraft(state, options) !== undefined) return undefined;
  if (furtherWork(pool, rungsOf(state)) !== undefined) return undefined;
  const whole = pool.filter((member) => isValidated(task, member)).length;
  return `${pool.length - 1} sets of demonstrations were measured, ${whole - 1} of them on all examples`;
}
