import type { EvidenceWeights } from "./labels/evidence-weights.ts";
import { cachedFeatures } from "./words/feature-cache.ts";
import type { FeatureSource } from "./words/feature-cache.ts";
import { wordFeatures } from "./words/features.ts";

/** The model in one of its sizes. */
export type TierName = "base" | "small";

/** What tells a tier from the other. */
export interface Tier {
  readonly id: string;
  readonly contextTokens: number;
  /** Fictional prices in units per 1,000 tokens: nobody is paid. */
  readonly price: { readonly inputPer1k: number; readonly outputPer1k: number };
  readonly evidence: EvidenceWeights;
  /** How it sees texts; each model remembers for itself. */
  readonly features: () => FeatureSource;
  readonly description: string;
}

/** Small sees words alone and goes by demonstrations and rules; it is worse at labels and cheaper. */
export const tiers: Readonly<Record<TierName, Tier>> = {
  base: {
    id: "icl-base-1",
    contextTokens: 8192,
    price: { inputPer1k: 5, outputPer1k: 15 },
    evidence: { kernel: 6, bayes: 0.35, name: 2, description: 2, rule: 3, exclusion: 4 },
    features: () => cachedFeatures(),
    description: "words, word pairs and character 4-grams; nearest demonstrations and naive Bayes",
  },
  small: {
    id: "icl-small-1",
    contextTokens: 2048,
    price: { inputPer1k: 1, outputPer1k: 2 },
    evidence: { kernel: 6, bayes: 0, name: 0, description: 0, rule: 3, exclusion: 4 },
    features: () => cachedFeatures(wordFeatures),
    description:
      "words alone; nearest demonstrations and the rules of the instruction; names of labels say nothing to it",
  },
};
