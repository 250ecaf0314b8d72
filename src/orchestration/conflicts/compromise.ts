import { describe, isPlainObject, jsonDefect } from "#foundation";
import type { Json } from "#foundation";
import { allocate } from "../pool/allocate.ts";
import { bordaWinner } from "./borda.ts";
import { feasibleCandidates, heardIn, placeOf, weightOf } from "./conflict-case.ts";
import type { ConflictCase, Valuation } from "./conflict-case.ts";
import { distinct } from "./conflict.ts";
import type { Wish } from "./conflict.ts";
import type { Reading } from "./hearing.ts";
import { monotonicConcession } from "./monotonic-concession.ts";
import { nashBargain } from "./nash-bargaining.ts";
import type { Bargainer } from "./nash-bargaining.ts";
import { weightedMean, weightedMedian } from "./numeric-compromise.ts";
import { rota } from "./rota.ts";
import { settled, unsettled } from "./resolution.ts";
import type { Settlement } from "./resolution.ts";

/** The compromise that fits the conflict: of a value between the wishes, of a resource parts, of time turns. */
export async function compromise(one: ConflictCase): Promise<Settlement> {
  switch (one.conflict.conflictType) {
    case "resource_competition":
      return partition(one);
    case "temporal_constraint":
      return turns(one);
    case "value_incompatible":
      return numbersOf(one.wishes) === undefined ? categorical(one) : numeric(one);
  }
}

/** Everyone the same part of what it requested, and nobody more than that. */
export function partition({ conflict, wishes }: ConflictCase): Settlement {
  const numbers = numbersOf(wishes);
  if (numbers === undefined || numbers.some(({ value }) => value < 0)) {
    return unsettled("unsupported_strategy", "only amounts of at least 0 can be divided");
  }
  if (numbers.every(({ value }) => value === 0)) return settled(amounts(numbers, {}), "weighted_average");
  const { available } = conflict;
  const shares = numbers.map(({ agent, value }) =>
    available === undefined ? { agent, share: value } : { agent, share: value, max: value },
  );
  const parts = allocate(shares, available ?? 1);
  return parts.ok
    ? settled(amounts(numbers, parts.amounts), "weighted_average")
    : unsettled("no_agreement", parts.error.message);
}

/** A slot for each, the first active. */
export function turns({ wishes, options }: ConflictCase): Settlement {
  const { clock, slotMs } = options;
  return settled(rota(wishes, { at: clock.now(), slotMs }), "time_sharing");
}

interface NumberWish {
  readonly agent: string;
  readonly value: number;
}

function numbersOf(wishes: readonly Wish[]): readonly NumberWish[] | undefined {
  const numbers = wishes.filter((wish): wish is NumberWish => typeof wish.value === "number");
  return numbers.length === wishes.length ? numbers : undefined;
}

function amounts(wishes: readonly NumberWish[], parts: Readonly<Record<string, number>>): Json {
  return Object.fromEntries(wishes.map(({ agent }) => [agent, parts[agent] ?? 0]));
}

async function numeric(one: ConflictCase): Promise<Settlement> {
  const { conflict, wishes, options } = one;
  if (options.numeric === "nash_bargaining") return bargained(one);
  const numbers = (numbersOf(wishes) ?? []).map(({ agent, value }) => ({ value, weight: weightOf(one, agent) }));
  const value = options.numeric === "weighted_median" ? weightedMedian(numbers) : weightedMean(numbers);
  if (value === undefined) return unsettled("zero_weight", "the weights add up to 0");
  const feasible = options.feasible(conflict.variableId, value);
  return feasible === undefined
    ? unsettled("no_agreement", `${value} is not feasible`)
    : settled(feasible, "weighted_average");
}

/** How many numbers between the smallest and the largest wish, both among them, are bargained about. */
const steps = 100;

async function bargained(one: ConflictCase): Promise<Settlement> {
  const { conflict, options, wishes } = one;
  const wished = (numbersOf(wishes) ?? []).map(({ value }) => value);
  const [low, high] = [Math.min(...wished), Math.max(...wished)];
  const between = Array.from({ length: steps + 1 }, (_, step) => low * (1 - step / steps) + high * (step / steps));
  const feasible = [...wished, ...between].map((value) => options.feasible(conflict.variableId, value));
  const candidates = distinct(feasible.filter((value) => value !== undefined));
  const bargainers = await valuations(one, candidates);
  const place = nashBargain(
    bargainers.map(({ bargainer }) => bargainer),
    candidates.length,
  );
  const chosen = place === undefined ? undefined : candidates[place];
  return chosen === undefined
    ? unsettled("no_agreement", "nothing feasible is acceptable to all")
    : settled(chosen, "weighted_average");
}

async function categorical(one: ConflictCase): Promise<Settlement> {
  const candidates = feasibleCandidates(one);
  const place =
    one.options.categorical === "borda" ? await byBorda(one, candidates) : await byConcession(one, candidates);
  if (typeof place !== "number") return place;
  const chosen = candidates[place];
  return chosen === undefined
    ? unsettled("no_agreement", "nothing that was requested is feasible")
    : settled(chosen, "alternative_solution");
}

async function byBorda(one: ConflictCase, candidates: readonly Json[]): Promise<number | Settlement> {
  const { wishes, options } = one;
  const { rank } = options.callbacks;
  const agents = wishes.map(({ agent }) => agent);
  const read = (answer: unknown): Reading<readonly Json[]> => rankingOf(answer, candidates);
  const ranked =
    rank === undefined ? undefined : await heardIn(one, agents, { what: "ranking", callback: rank, candidates, read });
  const rankings = wishes.flatMap(({ agent, value }) => {
    const order = ranked === undefined ? [value] : ranked.get(agent);
    return order === undefined ? [] : [{ order, weight: weightOf(one, agent) }];
  });
  if (rankings.length === 0) return unsettled("no_votes", "nobody ranked the candidates");
  if (rankings.every(({ weight }) => weight === 0)) return unsettled("zero_weight", "the weights add up to 0");
  return bordaWinner(candidates, rankings) ?? unsettled("no_agreement", "nothing that was requested is feasible");
}

async function byConcession(one: ConflictCase, candidates: readonly Json[]): Promise<number | Settlement> {
  const negotiators = (await valuations(one, candidates)).map(({ agent, bargainer }) => ({
    agent,
    utilities: bargainer.utilities,
    reservation: bargainer.disagreement,
  }));
  const { agreed } = monotonicConcession(negotiators, candidates.length);
  return agreed ?? unsettled("no_agreement", "nobody concedes further, and nothing is acceptable to all");
}

interface Valued {
  readonly agent: string;
  readonly bargainer: Bargainer;
}

/** What everyone thinks of the candidates; who is silent insists on its wish, or is left out. */
async function valuations(one: ConflictCase, candidates: readonly Json[]): Promise<readonly Valued[]> {
  const { wishes, options } = one;
  const { value: callback } = options.callbacks;
  const agents = wishes.map(({ agent }) => agent);
  const read = (answer: unknown): Reading<Valuation> => valuationOf(answer, candidates.length);
  const heard =
    callback === undefined ? undefined : await heardIn(one, agents, { what: "valuation", callback, candidates, read });
  return wishes.flatMap(({ agent, value }) => {
    const own = placeOf(candidates, value);
    const insisting = { utilities: candidates.map((_, place) => (place === own ? 1 : 0)), disagreement: 1 };
    const silent = options.silent === "insists" ? insisting : undefined;
    const said = heard === undefined ? plainValuation(value, candidates) : heard.get(agent);
    const bargainer = said === undefined ? silent : withDisagreement(said);
    return bargainer === undefined ? [] : [{ agent, bargainer }];
  });
}

function plainValuation(wish: Json, candidates: readonly Json[]): Valuation {
  const own = placeOf(candidates, wish);
  return {
    utilities: candidates.map((candidate, place) => {
      if (typeof wish === "number" && typeof candidate === "number") return -Math.abs(candidate - wish);
      return place === own ? 1 : 0;
    }),
  };
}

function withDisagreement({ utilities, disagreement }: Valuation): Bargainer {
  return { utilities, disagreement: disagreement ?? Math.min(...utilities) };
}

function rankingOf(answer: unknown, candidates: readonly Json[]): Reading<readonly Json[]> {
  if (!Array.isArray(answer) || answer.length === 0) {
    return { ok: false, defect: `expected a list of candidates, got ${describe(answer)}` };
  }
  const strange = answer.find((item) => jsonDefect(item) !== undefined || placeOf(candidates, item) === -1);
  if (strange !== undefined) return { ok: false, defect: `${describe(strange)} is no candidate` };
  if (distinct(answer).length < answer.length) return { ok: false, defect: "a candidate is named twice" };
  return { ok: true, value: answer };
}

function valuationOf(answer: unknown, length: number): Reading<Valuation> {
  const said: unknown = Array.isArray(answer) ? { utilities: answer } : answer;
  if (!isPlainObject(said)) return { ok: false, defect: `expected a valuation, got ${describe(answer)}` };
  const { utilities, disagreement } = said;
  if (!Array.isArray(utilities) || utilities.length !== length || !utilities.every(Number.isFinite)) {
    return { ok: false, defect: `expected ${length} finite utilities, got ${describe(utilities)}` };
  }
  if (disagreement === undefined) return { ok: true, value: { utilities } };
  if (typeof disagreement !== "number" || !Number.isFinite(disagreement)) {
    return { ok: false, defect: `expected a finite disagreement value, got ${describe(disagreement)}` };
  }
  return { ok: true, value: { utilities, disagreement } };
}
