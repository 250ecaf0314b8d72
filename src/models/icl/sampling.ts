import type { Rng } from "#foundation";

/** How answers are drawn. */
export interface Sampling {
  /** 0: the best answer always. */
  readonly temperature: number;
  /** The probability mass of the best answers among which one is drawn. */
  readonly topP: number;
}

/** Scores are divided by this at temperature 1. */
const scale = 0.8;

/** The margin, in scores, of a structural token over its rivals. */
const structuralMargin = 6;

/** exp(z / (.8 T)) over its sum. */
export function softmax(scores: readonly number[], temperature = 1): number[] {
  const best = Math.max(...scores);
  const masses = scores.map((score) => Math.exp((score - best) / (scale * temperature)));
  const total = masses.reduce((sum, mass) => sum + mass, 0);
  return masses.map((mass) => mass / total);
}

/** The index of the drawn score: the first of the best at temperature 0, else by softmax within the nucleus. */
export function drawIndex(scores: readonly number[], sampling: Sampling, rng: Rng): number {
  if (sampling.temperature <= 0 || scores.length < 2) return scores.indexOf(Math.max(...scores));
  const probabilities = softmax(scores, sampling.temperature);
  const ranked = probabilities
    .map((_, index) => index)
    .toSorted((a, b) => (probabilities[b] ?? 0) - (probabilities[a] ?? 0));
  const nucleus: number[] = [];
  let mass = 0;
  for (const index of ranked) {
    nucleus.push(index);
    mass += probabilities[index] ?? 0;
    if (mass >= sampling.topP) break;
  }
  let left = rng.next() * mass;
  for (const index of nucleus) {
    left -= probabilities[index] ?? 0;
    if (left < 0) return index;
  }
  return nucleus[0] ?? 0;
}

/**
 * The probability that a structural token (a brace, a marker) comes out wrong: 1 / (1 + e^(margin / T)) with margin 6
 * less one for every demo that breaks the format. Never at temperature 0, unless the demos outweigh the margin.
 */
export function slipProbability(temperature: number, brokenDemos: number): number {
  const margin = structuralMargin - brokenDemos;
  if (temperature <= 0) return margin < 0 ? 1 : 0;
  return 1 / (1 + Math.exp(margin / temperature));
}
