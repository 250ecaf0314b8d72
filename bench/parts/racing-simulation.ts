import { halvingRungs, halvingSurvivors, race, raceLooks } from "#optimize";
import type { RaceOptions } from "#optimize";
import { seededRng, shuffle } from "#foundation";
import type { Rng } from "#foundation";

/** Candidates on items, drawn once: what each would score on each, and how good it is in truth. */
export interface Field {
  /** 0 or 1, by candidate and item. */
  readonly scores: readonly (readonly number[])[];
  /** The chance of a right answer, mean over the items, by candidate. */
  readonly truths: readonly number[];
}

export interface FieldSize {
  readonly candidates: number;
  readonly items: number;
  /** In logits, by candidate; drawn where they are not told. */
  readonly abilities?: readonly number[];
}

/** What a selection rule chose and what it cost. */
export interface Selection {
  readonly chosen: number;
  readonly calls: number;
}

/** A way to choose a candidate with at most so many example evaluations. */
export type SelectionRule = (field: Field, budget: number, rng: Rng) => Selection;

/** How much candidates differ in ability, and items in difficulty, in logits; three in four solve the mean item. */
const abilitySpread = 0.36;
const difficultySpread = 1.5;
const ease = 1.1;

/**
 * A field of the item-response model with one parameter per candidate and item (Rasch 1960): the chance of a right
 * answer is the logistic function of ability less difficulty. Items are as difficult for one candidate as for all.
 */
export function drawField(rng: Rng, { candidates, items, ...told }: FieldSize): Field {
  const abilities = told.abilities ?? normals(rng.fork("abilities"), candidates, abilitySpread);
  const difficulties = normals(rng.fork("difficulties"), items, difficultySpread);
  const answers = rng.fork("answers");
  const chances = abilities.map((ability) =>
    difficulties.map((difficulty) => 1 / (1 + Math.exp(difficulty - ability - ease))),
  );
  return {
    scores: chances.map((row) => row.map((chance) => (answers.next() < chance ? 1 : 0))),
    truths: chances.map((row) => mean(row)),
  };
}

/** The same number of items for each candidate, other ones for each. */
export const unpaired: SelectionRule = ({ scores }, budget, rng) => {
  const each = Math.min(scores[0]?.length ?? 0, Math.floor(budget / scores.length));
  const means = scores.map((row, candidate) => mean(shuffle(rng.fork(`items ${candidate}`), row).slice(0, each)));
  return { chosen: bestOf(means), calls: each * scores.length };
};

/** The same items for all candidates. */
export const paired: SelectionRule = ({ scores }, budget) => {
  const each = Math.min(scores[0]?.length ?? 0, Math.floor(budget / scores.length));
  return { chosen: bestOf(scores.map((row) => mean(row.slice(0, each)))), calls: each * scores.length };
};

/** One candidate after the other on all items, as an unpruned search has it; what the budget does not reach is never seen. */
export const fullOneByOne: SelectionRule = ({ scores }, budget) => {
  const items = scores[0]?.length ?? 0;
  const seen = Math.max(1, Math.min(scores.length, Math.floor(budget / items)));
  return { chosen: bestOf(scores.slice(0, seen).map((row) => mean(row))), calls: seen * items };
};

/** Successive halving with the most examples at its last rung that the budget allows. */
export function halving(eta: number, rungs: number): SelectionRule {
  return ({ scores }, budget) => {
    for (let items = scores[0]?.length ?? 0; items > 0; items--) {
      const schedule = halvingRungs(items, { eta, rungs, minimum: 1 });
      if (costOf(schedule, scores.length, eta) > budget) continue;
      return { chosen: halved(scores, schedule, eta), calls: costOf(schedule, scores.length, eta) };
    }
    return { chosen: 0, calls: 0 };
  };
}

function costOf(schedule: readonly number[], candidates: number, eta: number): number {
  let [left, before, calls] = [candidates, 0, 0];
  for (const rung of schedule) {
    calls += left * (rung - before);
    before = rung;
    left = Math.ceil(left / eta);
  }
  return calls;
}

function halved(scores: Field["scores"], schedule: readonly number[], eta: number): number {
  let left = [...scores.keys()];
  const meansAt = (rung: number): number[] => left.map((candidate) => mean(scores[candidate]?.slice(0, rung) ?? []));
  for (const rung of schedule.slice(0, -1))
    left = halvingSurvivors(meansAt(rung), { eta }).map((place) => left[place] ?? 0);
  return left[bestOf(meansAt(schedule.at(-1) ?? 0))] ?? 0;
}

/**
 * One candidate after the other against the best that was measured in full, as `searchTeleprompter` has it; what the
 * budget does not reach is never seen.
 */
export function raceOneByOne(options: RaceOptions = {}): SelectionRule {
  return ({ scores }, budget) => {
    const items = scores[0]?.length ?? 0;
    const looks = raceLooks(items, options);
    let [incumbent, calls] = [0, Math.min(items, budget)];
    for (let candidate = 1; candidate < scores.length && calls < budget; candidate++) {
      const [own, best] = [scores[candidate] ?? [], scores[incumbent] ?? []];
      const end =
        looks.find(
          (look) =>
            look === items ||
            calls + look > budget ||
            race(own.slice(0, look), best.slice(0, look), options) === "stop",
        ) ?? items;
      calls += Math.min(end, budget - calls);
      if (end === items && calls <= budget && mean(own) > mean(best)) incumbent = candidate;
    }
    return { chosen: incumbent, calls };
  };
}

/** All candidates a block further at a time, each against the leader; those that are stopped drop out. */
export function raceInStep(options: RaceOptions = {}): SelectionRule {
  return ({ scores }, budget) => {
    let left = [...scores.keys()];
    let [before, calls] = [0, 0];
    for (const look of raceLooks(scores[0]?.length ?? 0, options)) {
      const cost = left.length * (look - before);
      if (calls + cost > budget) break;
      calls += cost;
      before = look;
      const prefix = (candidate: number): readonly number[] => scores[candidate]?.slice(0, look) ?? [];
      const leader = prefix(left[bestOf(left.map((candidate) => mean(prefix(candidate))))] ?? 0);
      left = left.filter((candidate) => race(prefix(candidate), leader, options) === "go_on");
    }
    return {
      chosen: left[bestOf(left.map((candidate) => mean(scores[candidate]?.slice(0, before) ?? [])))] ?? 0,
      calls,
    };
  };
}

/** What a rule came to, mean over many fields. */
export interface RuleFigures {
  /** How far the chosen candidate is behind the best, in points of a hundred. */
  readonly regret: number;
  /** How often the best was chosen. */
  readonly best: number;
  readonly calls: number;
}

export interface SimulationOptions extends FieldSize {
  readonly budget: number;
  readonly repetitions: number;
}

/** The same fields for every rule and budget. */
export function simulate(rule: SelectionRule, { budget, repetitions, ...size }: SimulationOptions): RuleFigures {
  const figures = { regret: 0, best: 0, calls: 0 };
  for (let repetition = 0; repetition < repetitions; repetition++) {
    const rng = seededRng(`field ${repetition}`);
    const field = drawField(rng, size);
    const { chosen, calls } = rule(field, budget, rng.fork("rule"));
    const behind = Math.max(...field.truths) - (field.truths[chosen] ?? Number.NaN);
    figures.regret += (100 * behind) / repetitions;
    figures.best += (behind === 0 ? 1 : 0) / repetitions;
    figures.calls += calls / repetitions;
  }
  return figures;
}

/** How often a race stops a candidate that is so many logits better than the incumbent, of so many repetitions. */
export function stoppedShare(
  options: RaceOptions,
  better: number,
  { items, repetitions }: { readonly items: number; readonly repetitions: number },
): number {
  const looks = raceLooks(items, options);
  let stopped = 0;
  for (let repetition = 0; repetition < repetitions; repetition++) {
    const { scores } = drawField(seededRng(`pair ${repetition}`), { candidates: 2, items, abilities: [0, better] });
    const [incumbent = [], candidate = []] = scores;
    const isStopped = looks.some(
      (look) => look < items && race(candidate.slice(0, look), incumbent.slice(0, look), options) === "stop",
    );
    stopped += isStopped ? 1 / repetitions : 0;
  }
  return stopped;
}

/** The place of the highest; of equal ones the first. */
function bestOf(values: readonly number[]): number {
  return values.indexOf(Math.max(...values));
}

function mean(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

function normals(rng: Rng, count: number, spread: number): readonly number[] {
  return Array.from(
    { length: count },
    () => spread * Math.sqrt(-2 * Math.log(1 - rng.next())) * Math.cos(2 * Math.PI * rng.next()),
  );
}
