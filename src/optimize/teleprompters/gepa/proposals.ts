import { pick } from "#foundation";
import type { Rng } from "#foundation";
import { activeVariables } from "#variables";
import { mutateConfiguration, restrictSpace } from "#variables/search";
import type { Configuration } from "#variables";
import { completeConfiguration } from "../../proposal.ts";
import { textTargets, textValue } from "../../proposing/text-target.ts";
import type { TextTarget } from "../../proposing/text-target.ts";
import { tips } from "../../proposing/tips.ts";
import type { CompleteWork } from "../../teleprompter.ts";
import { blamedStages } from "../pool/blame.ts";
import type { Draft, Member } from "../pool/member.ts";
import { shrunkenMeans } from "../pool/shrunken-means.ts";
import { weightedPlace } from "../pool/weighted-draw.ts";
import { draftOf, orderId, slicedExamples } from "./gepa-state.ts";
import type { GepaState, Reading, TextOrder, VisitNote } from "./gepa-state.ts";
import { commonAncestor, mergedValues } from "./merged-configuration.ts";
import { nichesOf } from "./pareto-pool.ts";
import { reflectionWork } from "./reflection.ts";

/** Which of several texts a proposal writes anew. */
export type GepaComponents = "blamed" | "round_robin" | "all";

interface ProposalOptions extends Reading {
  readonly components: GepaComponents;
  /** How many of the proposals merge two lineages, and how many move other values, where there is something to. */
  readonly mergeShare: number;
  readonly moveShare: number;
}

export type NextProposal = { readonly draft: Draft } | { readonly ask: CompleteWork };

interface Material {
  readonly state: GepaState;
  readonly note: VisitNote;
  readonly proposal: number;
  readonly options: ProposalOptions;
  readonly rng: Rng;
}

/** A merge, a move, or the first call for a text; what comes to nothing new leaves its place to a text. */
export function nextProposal(material: Material): NextProposal {
  const { options, rng } = material;
  const share = rng.fork("kind").next();
  const isMerge = share < options.mergeShare;
  const merged = isMerge ? merge(material) : undefined;
  if (merged !== undefined) return merged;
  const isMove = !isMerge && share < options.mergeShare + options.moveShare;
  const draft = isMove ? moved(material) : undefined;
  return draft === undefined ? { ask: firstPart(material) } : { draft };
}

function firstPart(material: Material): CompleteWork {
  const targets = chosenTargets(material);
  return part(material, targets, 0);
}

/** The next call of a proposal that writes all texts. */
export function furtherPart(material: Material, number: number): CompleteWork {
  return part(material, textTargets(material.state.task), number);
}

function part(material: Material, targets: readonly TextTarget[], number: number): CompleteWork {
  const { state, note, proposal, options } = material;
  const target = targets[number] as TextTarget;
  const { configuration } = state.pool[note.parent] as Member;
  const order = { ...note, proposal, part: number + 1, size: targets.length, target: target.name };
  const purpose = `a better ${target.name} than that of configuration ${note.parent}`;
  return written(material, order, { target, purpose, texts: [textValue(target, configuration)], options });
}

interface Writing {
  readonly target: TextTarget;
  readonly purpose: string;
  readonly texts: readonly string[];
  readonly options: ProposalOptions;
}

function written({ state, note, proposal, rng }: Material, order: TextOrder, writing: Writing): CompleteWork {
  const { target, purpose, texts, options } = writing;
  const trajectories = state.trajectories.filter(({ member }) => member === note.parent);
  // The first proposal of a visit goes without a tip: what the cases say is enough.
  const tip = proposal === 0 ? undefined : pick(rng.fork("tip"), tips);
  const { maxTokens } = options;
  const id = orderId(order);
  return reflectionWork(state.task, {
    id,
    purpose,
    target,
    texts,
    trajectories,
    tip,
    maxTokens,
    rng: rng.fork(`cases ${target.name}`),
  });
}

/** The texts of the stages to blame for what the parent got wrong on the minibatch; in turn where nothing tells. */
function chosenTargets({ state, note, proposal, options, rng }: Material): readonly TextTarget[] {
  const targets = textTargets(state.task);
  if (options.components === "all" || targets.length < 2) return targets;
  const before = state.visits.filter((visit, number) => visit.parent === note.parent && number < note.visit);
  const turn = before.reduce((sum, { proposals }) => sum + proposals.length, proposal);
  const inTurn = targets[turn % targets.length] as TextTarget;
  if (options.components === "round_robin") return [inTurn];
  const blame = blameOn(state, note, options);
  const weights = targets.map(({ stage }) => blame.get(stage) ?? 0);
  return Math.max(...weights) === 0 ? [inTurn] : [targets[weightedPlace(rng.fork("blame"), weights)] as TextTarget];
}

/** How often each stage is to blame, beside the best that anybody did on the same example. */
function blameOn(state: GepaState, { parent, slice }: VisitNote, options: Reading): ReadonlyMap<string, number> {
  const blame = new Map<string, number>();
  for (const example of slicedExamples(state.task, options, slice, options.minibatch)) {
    const all = state.trajectories.filter((each) => each.example === example).toSorted((a, b) => b.score - a.score);
    const own = all.findLast(({ member }) => member === parent);
    const best = all[0];
    if (own === undefined || best === undefined || best.score <= own.score) continue;
    for (const stage of blamedStages(own.trace, best.trace)) blame.set(stage, (blame.get(stage) ?? 0) + 1);
  }
  return blame;
}

/** Two lineages in one: path by path, and by a call where both have rewritten the same text. */
function merge(material: Material): NextProposal | undefined {
  const { state, note, rng } = material;
  const { task, pool } = state;
  const mates = matesOf(state, note.parent);
  if (mates.length === 0) return undefined;
  const { weights } = nichesOf(pool, acceptedPlaces(state));
  const other = mates[weightedPlace(rng.fork("mate"), mates.map((mate) => weights[mate] ?? 0))] as number; // prettier-ignore
  const worths = shrunkenMeans(pool, "validation");
  const isBetter = (worths[note.parent] ?? 0) >= (worths[other] ?? 0);
  const parents = isBetter ? [note.parent, other] : [other, note.parent];
  const [better, worse] = parents.map((place) => (pool[place] as Member).configuration) as [
    Configuration,
    Configuration,
  ];
  // The baseline may leave defaults unsaid that its children say.
  const { configuration: common } = pool[commonAncestor(pool, note.parent, other) ?? 0] as Member;
  const ancestor = completeConfiguration(task, common);
  const { values, contested } = mergedValues(task.space, { better, worse, ancestor });
  const purpose = `configurations ${parents.join(" and ")} merged`;
  const draft = values && draftOf(state, values, { by: "merge", parents, purpose, note });
  if (draft !== undefined) return { draft };
  const target = textTargets(task).find(({ name }) => contested.includes(name));
  if (target === undefined) return undefined;
  const order = { ...note, proposal: material.proposal, part: 1, size: 1, other, target: target.name };
  const texts = [textValue(target, better), textValue(target, worse)];
  return { ask: written(material, order, { target, purpose, texts, options: material.options }) };
}

/** The members of other lineages that hold a niche. */
function matesOf(state: GepaState, parent: number): readonly number[] {
  const { pool } = state;
  const places = acceptedPlaces(state);
  const { weights } = nichesOf(pool, places);
  return places.filter(
    (place) => place !== parent && (weights[place] ?? 0) > 0 && commonAncestor(pool, parent, place) !== undefined,
  );
}

/** The members that passed the gate. */
export function acceptedPlaces({ standings }: GepaState): readonly number[] {
  return standings.flatMap((standing, place) => (standing === "accepted" ? [place] : []));
}

/** One value of another kind than text moves: a number, a choice, a model, demos. */
function moved({ state, note, rng }: Material): Draft | undefined {
  const { task, pool } = state;
  const { configuration } = pool[note.parent] as Member;
  const names = activeVariables(task.space, configuration)
    .filter(({ kind }) => kind !== "text" && kind !== "composite")
    .map(({ name }) => name);
  if (names.length === 0) return undefined;
  const among = restrictSpace(task.space, names, configuration);
  const values = { ...configuration, ...mutateConfiguration(among, configuration, rng.fork("move")) };
  const purpose = `another value for configuration ${note.parent}`;
  return draftOf(state, values, { by: "move", parents: [note.parent], purpose, note });
}
