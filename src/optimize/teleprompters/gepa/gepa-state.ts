import { canonicalJson, seededRng, shuffle } from "#foundation";
import type { Configuration } from "#variables";
import { completeConfiguration } from "../../proposal.ts";
import { readProposal } from "../../proposing/read-proposal.ts";
import { textRead, textTargets, textValue } from "../../proposing/text-target.ts";
import type { CompleteResult, CompleteWork, EvaluateWork, Task, Told, Work } from "../../teleprompter.ts";
import { memberOf, scoresOn, unasked, withIssued, withResults } from "../pool/member.ts";
import type { Draft, Member } from "../pool/member.ts";
import { trajectoriesOf } from "../pool/trajectory.ts";
import type { Trajectory } from "../pool/trajectory.ts";
import { gate, gateLooks } from "./gate.ts";

export interface GepaState {
  readonly task: Task;
  /** In the order of their first runs, the baseline first. */
  readonly pool: readonly Member[];
  /** Of each of them whether it has passed the gate; dropped ones are never parents. */
  readonly standings: readonly Standing[];
  /** What the members that are left did on training examples. */
  readonly trajectories: readonly Trajectory[];
  readonly visits: readonly Visit[];
  /** Children whose texts came, and that were not run yet. */
  readonly drafts: readonly Draft[];
  /** The members whose validation examples were measured again. */
  readonly again: readonly number[];
}

type Standing = "gate" | "accepted" | "dropped";

/** A parent looked at on a minibatch, and the proposals that come of it. */
export interface Visit {
  /** The parent's place in the pool. */
  readonly parent: number;
  /** The minibatch: which slice of the training examples. */
  readonly slice: number;
  readonly proposals: readonly Proposal[];
}

/** The texts that one proposal waits for; none where its child needed no text. */
interface Proposal {
  readonly size: number;
  readonly parts: readonly Part[];
}

interface Part {
  readonly target: string;
  readonly isAnswered: boolean;
  /** Absent where what came was of no use. */
  readonly text?: string;
}

/** What passes through a visit's items, so that the log of the items is enough. */
export type VisitNote = {
  readonly visit: number;
  readonly parent: number;
  readonly slice: number;
};

/** A text that is asked for. */
export interface TextOrder extends VisitNote {
  readonly proposal: number;
  /** The part's number, of how many. */
  readonly part: number;
  readonly size: number;
  /** The other parent of a merge. */
  readonly other?: number | undefined;
  readonly target: string;
}

export function orderId({ visit, parent, slice, proposal, part, size, other, target }: TextOrder): string {
  const mate = other === undefined ? "" : `-with-${other}`;
  return `visit-${visit}-of-${parent}-on-${slice}/proposal-${proposal}${mate}/part-${part}-of-${size}/${target}`;
}

const orderPattern = /^visit-(\d+)-of-(\d+)-on-(\d+)\/proposal-(\d+)(?:-with-(\d+))?\/part-(\d+)-of-(\d+)\/(.+)$/;

function orderOf({ id }: CompleteWork): TextOrder | undefined {
  const found = orderPattern.exec(id);
  if (found === null) return undefined;
  const [visit, parent, slice, proposal, other, part, size] = found.slice(1, 8).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const mate = Number.isNaN(other) ? undefined : other;
  return { visit, parent, slice, proposal, other: mate, part, size, target: found[8] as string };
}

export function startState(task: Task): GepaState {
  return { task, pool: [], standings: [], trajectories: [], visits: [], drafts: [], again: [] };
}

export interface Reading {
  readonly minibatch: number;
  /** The longest useful text. */
  readonly maxTokens?: number | undefined;
}

export function tell(state: GepaState, told: Told, options: Reading): GepaState {
  switch (told.type) {
    case "issued":
      return told.work.reduce(withWork, state);
    case "evaluated": {
      const pool = withResults(state.pool, told);
      const isTrain = told.work.split === "train";
      const trajectories = isTrain ? [...state.trajectories, ...trajectoriesOf(told)] : state.trajectories;
      return isTrain ? judged({ ...state, pool, trajectories }, options) : { ...state, pool };
    }
    case "completed":
      return withText(state, told, options);
  }
}

export function withWork(state: GepaState, work: Work): GepaState {
  return work.kind === "complete" ? withOrder(state, orderOf(work)) : withRun(state, work);
}

function withOrder(state: GepaState, order: TextOrder | undefined): GepaState {
  if (order === undefined) return state;
  const { target, proposal, size } = order;
  return changedVisit(state, order, (visit) => {
    const parts = [...(visit.proposals[proposal]?.parts ?? []), { target, isAnswered: false }];
    return { ...visit, proposals: replaced(visit.proposals, proposal, { size, parts }) };
  });
}

function withRun(state: GepaState, work: EvaluateWork): GepaState {
  const place = memberOf(work);
  const isNew = place >= state.pool.length;
  const more = work.note?.["more"] as VisitNote | undefined;
  const key = canonicalJson(work.configuration);
  const drafts = isNew
    ? state.drafts.filter(({ configuration }) => canonicalJson(configuration) !== key)
    : state.drafts;
  const standing: Standing = place === 0 ? "accepted" : "gate";
  const standings = isNew ? [...state.standings, standing] : state.standings;
  const isAgain = work.split === "validation" && work.examples.every((example) => isAsked(state, place, example));
  const again = isAgain && !isNew ? [...state.again, place] : state.again;
  const next = { ...state, pool: withIssued(state.pool, work), drafts, standings, again };
  if (more?.visit === undefined) return next;
  // A child that needed no text is a proposal of its visit from its first run on.
  const isDirect = isNew && drafts.length === state.drafts.length;
  const added = isDirect ? [{ size: 0, parts: [] }] : [];
  return changedVisit(next, more, (visit) => ({ ...visit, proposals: [...visit.proposals, ...added] }));
}

function isAsked({ pool }: GepaState, place: number, example: number): boolean {
  return pool[place]?.asked.validation.includes(example) === true;
}

function changedVisit(
  state: GepaState,
  { visit, parent, slice }: VisitNote,
  change: (visit: Visit) => Visit,
): GepaState {
  const before = state.visits[visit] ?? { parent, slice, proposals: [] };
  return { ...state, visits: replaced(state.visits, visit, change(before)) };
}

function replaced<T>(items: readonly T[], place: number, item: T): readonly T[] {
  const after = [...items];
  after[place] = item;
  return after;
}

interface Answer {
  readonly work: CompleteWork;
  readonly result: CompleteResult;
}

/** The text joins its proposal; when all parts are there, what is of use of them becomes a draft. */
function withText(state: GepaState, { work, result }: Answer, options: Reading): GepaState {
  const order = orderOf(work);
  const visit = order && state.visits[order.visit];
  if (order === undefined || visit === undefined) return state;
  const text = readText(state, order, { result, options });
  const before = visit.proposals[order.proposal]?.parts ?? [];
  const answered = { target: order.target, isAnswered: true, ...(text === undefined ? {} : { text }) };
  const parts = before.map((part) => (part.target === order.target ? answered : part));
  const next = changedVisit(state, order, (each) => {
    return { ...each, proposals: replaced(each.proposals, order.proposal, { size: order.size, parts }) };
  });
  const isWhole = parts.length === order.size && parts.every(({ isAnswered }) => isAnswered);
  const draft = isWhole ? writtenDraft(next, order, { parts, purpose: work.purpose }) : undefined;
  return draft === undefined ? next : { ...next, drafts: [...next.drafts, draft] };
}

function readText(
  { task, pool }: GepaState,
  { parent, other, target: name }: TextOrder,
  { result, options }: { readonly result: CompleteResult; readonly options: Reading },
): string | undefined {
  const target = textTargets(task).find((each) => each.name === name);
  const parents = [pool[parent], pool[other ?? parent]].filter((each) => each !== undefined);
  if (target === undefined) return undefined;
  const known = parents.map(({ configuration }) => textRead(target, textValue(target, configuration)));
  const checks = { variable: target.variable, known, maxTokens: options.maxTokens };
  const output = other === undefined ? "improved_instruction" : "merged_instruction";
  const read = readProposal(result, output, checks);
  return read.ok ? read.text : undefined;
}

function writtenDraft(
  state: GepaState,
  order: TextOrder,
  { parts, purpose }: { readonly parts: readonly Part[]; readonly purpose: string },
): Draft | undefined {
  const texts = parts.flatMap(({ target, text }) => (text === undefined ? [] : [[target, text] as const]));
  const parent = state.pool[order.parent];
  if (texts.length === 0 || parent === undefined) return undefined;
  const { visit, slice, other } = order;
  const by = other === undefined ? "reflection" : "merge";
  const parents = other === undefined ? [order.parent] : [order.parent, other];
  const values = { ...parent.configuration, ...Object.fromEntries(texts) };
  return draftOf(state, values, { by, parents, purpose, note: { visit, parent: order.parent, slice } });
}

export interface DraftOptions {
  readonly by: string;
  readonly parents: readonly number[];
  readonly purpose: string;
  readonly note: VisitNote;
}

/** A child that may be run; `undefined` where it was tried before. */
export function draftOf(
  { task, pool, drafts }: GepaState,
  values: Configuration,
  { by, parents, purpose, note }: DraftOptions,
): Draft | undefined {
  const configuration = completeConfiguration(task, values);
  const key = canonicalJson(configuration);
  const isTried =
    key === canonicalJson(completeConfiguration(task, task.baseline)) ||
    [...pool, ...drafts].some((each) => canonicalJson(each.configuration) === key);
  return isTried ? undefined : { configuration, origin: { parents, by, note }, purpose };
}

/** The examples of a slice, with the further ones in a circle after it: as many as are asked for. */
export function slicedExamples({ train }: Task, { minibatch }: Reading, slice: number, count: number): number[] {
  // The same for every run, so that it is no part of the state.
  const order = shuffle(seededRng("gepa"), train.keys().toArray());
  const from = (slice * minibatch) % order.length;
  return [...order.slice(from), ...order.slice(0, from)].slice(0, count);
}

/** Where a child at the gate stands: at which look, and the examples of it. */
export function gateOf(
  { task, pool }: GepaState,
  place: number,
  options: Reading,
): { readonly examples: readonly number[]; readonly isLast: boolean; readonly next: readonly number[] } {
  const looks = gateLooks(task.train.length, options.minibatch);
  const member = pool[place] as Member;
  const slice = Number(member.origin.note["slice"] ?? 0);
  const asked = member.asked.train.length;
  const at = looks.findIndex((look) => look >= asked);
  const next = looks[at + 1];
  return {
    examples: slicedExamples(task, options, slice, looks[at] ?? asked),
    isLast: next === undefined,
    next: next === undefined ? [] : slicedExamples(task, options, slice, next),
  };
}

/** The state with every verdict that falls now. Whatever order runs were told in, the verdicts are the same. */
function judged(state: GepaState, options: Reading): GepaState {
  const standings = state.standings.map((standing, place) => {
    if (standing !== "gate" || !isAnswered(state, place, options)) return standing;
    const verdict = verdictOn(state, place, options);
    return verdict === "accept" ? "accepted" : verdict === "drop" ? "dropped" : standing;
  });
  const trajectories = state.trajectories.filter(({ member }) => standings[member] !== "dropped");
  return { ...state, standings, trajectories };
}

export function verdictOn(state: GepaState, place: number, options: Reading): ReturnType<typeof gate> {
  const { examples, isLast } = gateOf(state, place, options);
  const member = state.pool[place] as Member;
  const parent = state.pool[member.origin.parents[0] ?? 0] as Member;
  const among = new Set(examples);
  const own = Object.entries(scoresOn(member, "train")).filter(([example]) => among.has(Number(example)));
  return gate(Object.fromEntries(own), scoresOn(parent, "train"), { isLast });
}

/** Whether child and parent are both known on the examples of the child's look. */
function isAnswered(state: GepaState, place: number, options: Reading): boolean {
  const { examples } = gateOf(state, place, options);
  const member = state.pool[place] as Member;
  const parent = state.pool[member.origin.parents[0] ?? 0] as Member;
  return [member, parent].every(({ answered }) => examples.every((example) => answered.train.includes(example)));
}

/** The examples that a member still has to be run on. */
export function missingOn({ pool }: GepaState, place: number, examples: readonly number[]): readonly number[] {
  return unasked(pool[place] as Member, "train", examples);
}
