import { UsageError } from "#foundation";
import type { Rng } from "#foundation";
import { checkCounts } from "../../check-counts.ts";
import { textTargets } from "../../proposing/text-target.ts";
import type { Task, Teleprompter, Work } from "../../teleprompter.ts";
import { askInTurn } from "../pool/ask-in-turn.ts";
import { firstRun, furtherRun, scoresOn } from "../pool/member.ts";
import type { Member } from "../pool/member.ts";
import { baselineRun, incumbentOf, validationRun } from "../pool/validation-race.ts";
import { weightedPlace } from "../pool/weighted-draw.ts";
import { gateOf, missingOn, slicedExamples, startState, tell, verdictOn, withWork } from "./gepa-state.ts";
import type { GepaState, Visit, VisitNote } from "./gepa-state.ts";
import { nichesOf, noiseOf } from "./pareto-pool.ts";
import { acceptedPlaces, furtherPart, nextProposal } from "./proposals.ts";
import type { GepaComponents } from "./proposals.ts";

export type { GepaState } from "./gepa-state.ts";
export type { GepaComponents } from "./proposals.ts";

export interface GepaOptions {
  /** How many proposals are made in all; 40 unless told. One that comes to nothing counts and costs no evaluation. */
  readonly candidates?: number;
  /** How many parents are looked at together, and how many proposals each gets from one look; 2 unless told. */
  readonly parents?: number;
  readonly proposals?: number;
  /** How many training examples a look has; 8 unless told, or all where there are fewer. */
  readonly minibatch?: number;
  /** With several texts: the one of the stage to blame (unless told), one after the other, or all together. */
  readonly components?: GepaComponents;
  /** The share of proposals that merge two lineages; .2 unless told. */
  readonly mergeShare?: number;
  /** The share of proposals that move another value than a text, where the space has any; .15 unless told. */
  readonly moveShare?: number;
  /** Longer texts are not run, in tokens; the variable's own limit unless told. */
  readonly maxTokens?: number;
  /** Where nothing is left to learn: a minibatch with this score on every example is passed over; 1 unless told. */
  readonly perfectScore?: number;
}

type Options = Required<Omit<GepaOptions, "maxTokens">> & Pick<GepaOptions, "maxTokens">;

/**
 * GEPA (genetic-Pareto, Agrawal et al. 2025): a parent is drawn from those that are best on some validation example, run
 * on a minibatch of training examples, and a model reflects on what it did, how that was judged and what was right, to
 * write one of its texts anew. The child runs on the same examples; if it is better it joins the pool.
 *
 * What differs: several parents get several proposals at once. A child must be better by a paired test on examples that
 * grow from one minibatch to four (`gate`), not on three; then it meets the validation examples in blocks, as long as it
 * does not lose to the incumbent (`race`). Where scores are noisy, which the baseline shows that is measured twice on a
 * few examples, the scores that make a niche are shrunken and a parent's lonely ones are measured again. A minibatch
 * without mistakes is passed over. Proposals are for the stage to blame, see whole trajectories and all that is known of
 * the parent; lineages merge value by value, or by a call where both rewrote one text; numbers, choices, models and demos
 * move too. Nothing runs twice on one training example, and an unchanged, empty, overlong or known text not at all.
 */
export function gepa(options: GepaOptions = {}): Teleprompter<GepaState> {
  const { candidates = 40, parents = 2, proposals = 2, minibatch = 8, maxTokens } = options;
  const { components = "blamed", mergeShare = 0.2, moveShare = 0.15, perfectScore = 1 } = options;
  const counts = { candidates, parents, proposals, minibatch, ...(maxTokens !== undefined && { maxTokens }) };
  checkCounts("gepa", counts);
  const all: Options = { ...counts, components, mergeShare, moveShare, perfectScore };
  check(all);
  return {
    name: "gepa",
    options: { ...all },
    start: (task) => {
      if (task.train.length === 0) throw new UsageError("gepa: expected training examples, got none");
      if (textTargets(task).length === 0)
        throw new UsageError(
          'gepa: the space has no text variable that is active in the baseline; add one such as text("predict.instructions")',
        );
      return startState(task);
    },
    ask: (state, rng, capacity) =>
      askInTurn(state, capacity, {
        next: (reached, number) => nextItem(reached, all, rng.fork(`item ${number}`)),
        issue: withWork,
      }),
    tell: (state, told) => tell(state, told, all),
    finished: (state) => whyFinished(state, all),
    incumbent: ({ task, pool }) => incumbentOf(task, pool),
  };
}

const componentNames: readonly unknown[] = ["blamed", "round_robin", "all"] satisfies GepaComponents[];

function check({ components, mergeShare, moveShare, perfectScore }: Options): void {
  if (!componentNames.includes(components))
    throw new UsageError(`gepa.components: expected one of ${componentNames.join(", ")}, got ${components}`);
  for (const [name, share] of Object.entries({ mergeShare, moveShare }))
    if (!(share >= 0 && share <= 1))
      throw new UsageError(`gepa.${name}: expected a share between 0 and 1, got ${share}`);
  if (!Number.isFinite(perfectScore))
    throw new UsageError(`gepa.perfectScore: expected a finite number, got ${perfectScore}`);
}

function nextItem(state: GepaState, options: Options, rng: Rng): Work | undefined {
  const { task, pool } = state;
  if (pool.length === 0) return baselineRun(task);
  return (
    noiseProbe(state, options) ??
    validationDue(state) ??
    draftDue(state, options) ??
    gateDue(state, options) ??
    visitDue(state, options, rng) ??
    newVisit(state, options, rng.fork("visit"))
  );
}

/** The baseline once more on a few validation examples, to know how noisy scores are. */
function noiseProbe({ task, pool, again }: GepaState, { minibatch }: Options): Work | undefined {
  const examples = (pool[0] as Member).asked.validation.slice(0, Math.min(minibatch, task.validation.length));
  return again.includes(0) ? undefined : furtherRun(pool, 0, { split: "validation", examples, rollout: 1 });
}

function validationDue(state: GepaState): Work | undefined {
  for (const place of acceptedPlaces(state)) {
    const run = place === 0 ? undefined : validationRun(state.task, state.pool, place);
    if (run !== undefined) return run;
  }
  return undefined;
}

function draftDue({ task, pool, drafts }: GepaState, options: Options): Work | undefined {
  const [draft] = drafts;
  if (draft === undefined) return undefined;
  return firstRun(pool, draft, {
    split: "train",
    examples: minibatchOf(task, options, draft.origin.note),
    trace: true,
  });
}

function minibatchOf(task: Task, options: Options, { slice }: { readonly slice?: unknown }): readonly number[] {
  return slicedExamples(task, options, Number(slice), Math.min(options.minibatch, task.train.length));
}

/** What a child at the gate needs for its look, of its own or of its parent's runs. */
function gateDue(state: GepaState, options: Options): Work | undefined {
  for (const [place, standing] of state.standings.entries()) {
    if (standing !== "gate") continue;
    const { examples, next } = gateOf(state, place, options);
    const { answered, origin } = state.pool[place] as Member;
    const parent = origin.parents[0] ?? 0;
    const rival = state.pool[parent] as Member;
    const isKnown = [answered, rival.answered].every(({ train }) => examples.every((each) => train.includes(each)));
    const wanted = isKnown && verdictOn(state, place, options) === "grow" ? next : examples;
    for (const each of [place, parent]) {
      const missing = missingOn(state, each, wanted);
      if (missing.length > 0) return furtherRun(state.pool, each, { split: "train", examples: missing, trace: true });
    }
  }
  return undefined;
}

/** What the visits that go on need next: their parent's run, or a proposal. */
function visitDue(state: GepaState, options: Options, rng: Rng): Work | undefined {
  for (const [number, visit] of state.visits.entries()) {
    if (!isOpen(state, options, visit)) continue;
    const note = { visit: number, parent: visit.parent, slice: visit.slice };
    const work = visitWork(state, note, { options, rng: rng.fork(`visit ${number}`) });
    if (work !== undefined) return work;
  }
  return undefined;
}

interface VisitOptions {
  readonly options: Options;
  readonly rng: Rng;
}

function visitWork(state: GepaState, note: VisitNote, { options, rng }: VisitOptions): Work | undefined {
  const { task, pool, visits } = state;
  const parent = pool[note.parent] as Member;
  const examples = minibatchOf(task, options, note);
  const run = { split: "train", trace: true } as const;
  const missing = missingOn(state, note.parent, examples);
  if (missing.length > 0) return furtherRun(pool, note.parent, { ...run, examples: missing, more: note });
  if (!isAnswered(parent, examples)) return undefined;
  const proposals = visits[note.visit]?.proposals ?? [];
  const last = proposals.at(-1);
  const material = { state, note, options, rng };
  if (last !== undefined && last.parts.length < last.size)
    return furtherPart({ ...material, proposal: proposals.length - 1 }, last.parts.length);
  const next = nextProposal({ ...material, proposal: proposals.length });
  return "ask" in next ? next.ask : firstRun(pool, next.draft, { ...run, examples });
}

function isAnswered({ answered }: Member, examples: readonly number[]): boolean {
  return examples.every((example) => answered.train.includes(example));
}

/** Whether more is to come of a visit: further proposals, as long as the parent is not known to be perfect there. */
function isOpen(state: GepaState, options: Options, { parent, slice, proposals }: Visit): boolean {
  const last = proposals.at(-1);
  if (last !== undefined && last.parts.length < last.size) return true;
  if (proposals.length >= options.proposals || begun(state) >= options.candidates) return false;
  return !isPerfect(state, options, { parent, slice });
}

function isPerfect(
  { task, pool }: GepaState,
  options: Options,
  { parent, slice }: Pick<Visit, "parent" | "slice">,
): boolean {
  const member = pool[parent] as Member;
  const examples = minibatchOf(task, options, { slice });
  const scores = scoresOn(member, "train");
  return (
    isAnswered(member, examples) && examples.every((example) => (scores[example] ?? Infinity) >= options.perfectScore)
  );
}

/** How many proposals were begun. */
function begun({ visits }: GepaState): number {
  return visits.reduce((sum, { proposals }) => sum + proposals.length, 0);
}

/** Another parent, where not too many are looked at already; its lonely niches are measured again first where that tells. */
function newVisit(state: GepaState, options: Options, rng: Rng): Work | undefined {
  const { task, pool, visits, again } = state;
  const active = visits.filter((visit, number) => isOpen(state, options, visit) || isAwaited(state, number));
  if (begun(state) >= options.candidates || active.length >= options.parents) return undefined;
  const eligible = teachers(state, options);
  if (eligible.length === 0) return undefined;
  const { weights, alone } = nichesOf(pool, acceptedPlaces(state));
  const some = eligible.some((place) => (weights[place] ?? 0) > 0);
  const drawn = weightedPlace(rng.fork("parent"), eligible.map((place) => (some ? (weights[place] ?? 0) : 1))); // prettier-ignore
  const parent = eligible[drawn] as number;
  const lonely = (alone[parent] ?? []).slice(0, Math.min(options.minibatch, task.validation.length));
  if (noiseOf(pool) > 0 && !again.includes(parent) && lonely.length > 0)
    return furtherRun(pool, parent, { split: "validation", examples: lonely, rollout: 1 });
  const slice = nextSlice(state, options, parent);
  const note = { visit: visits.length, parent, slice };
  return slice === undefined ? undefined : visitWork(state, { ...note, slice }, { options, rng: rng.fork("work") });
}

/** Whether texts or children of a visit are still out or at the gate. */
function isAwaited({ visits, drafts, pool, standings }: GepaState, number: number): boolean {
  const isOwn = ({ origin }: Pick<Member, "origin">): boolean => origin.note["visit"] === number;
  const isTextOut = visits[number]?.proposals.some(({ parts }) => parts.some((part) => !part.isAnswered)) === true;
  return isTextOut || drafts.some(isOwn) || pool.some((member, place) => isOwn(member) && standings[place] === "gate");
}

/** The accepted ones that are not known to make no mistakes. */
function teachers(state: GepaState, options: Options): readonly number[] {
  return acceptedPlaces(state).filter((place) => nextSlice(state, options, place) !== undefined);
}

/** The parent's next minibatch: one after the other, without those that are known to be perfect. */
function nextSlice(state: GepaState, options: Options, parent: number): number | undefined {
  const { task, visits } = state;
  const count = Math.ceil(task.train.length / options.minibatch);
  const before = visits.filter((visit) => visit.parent === parent).length;
  const slices = Array.from({ length: count }, (_, turn) => (before + turn) % count);
  return slices.find((slice) => !isPerfect(state, options, { parent, slice }));
}

function whyFinished(state: GepaState, options: Options): string | undefined {
  const { pool, drafts, visits } = state;
  if (pool.length === 0 || drafts.length > 0 || pool.some(({ out }) => out > 0)) return undefined;
  const isAwaiting = visits.some((visit, number) => isOpen(state, options, visit) || isAwaited(state, number));
  const due = noiseProbe(state, options) ?? validationDue(state) ?? gateDue(state, options);
  if (isAwaiting || due !== undefined) return undefined;
  if (begun(state) >= options.candidates) return `${options.candidates} proposals were made`;
  return teachers(state, options).length === 0 ? "no mistakes are left on the training examples" : undefined;
}
