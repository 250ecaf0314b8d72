import type { Json, Rng } from "#foundation";
import type { Field } from "#programs";
import type { FeatureSource } from "./words/feature-cache.ts";
import type { Features } from "./words/features.ts";
import type { EvidenceWeights } from "./labels/evidence-weights.ts";
import type { Sampling } from "./sampling.ts";

/** The features of a case by input field; the fields of all documents stand in the same order. */
export type Document = readonly Features[];

/** The inputs of a demo or of the query. */
export interface Situation {
  /** By input field, in the order of the prompt. */
  readonly texts: readonly string[];
  readonly document: Document;
  /** All fields as one text. */
  readonly whole: string;
  readonly wholeFeatures: Features;
}

/** A demo that has the output in question. */
export interface Example {
  /** Its place among the demos of the prompt, from 1. */
  readonly number: number;
  readonly situation: Situation;
  readonly value: Json;
}

/** One output to answer, with everything that the prompt says about it. */
export interface Question {
  readonly field: Field;
  /** The instruction and the field's description. */
  readonly guidance: string;
  readonly examples: readonly Example[];
  readonly query: Situation;
  /** The values that the prompt's prose allows; empty when it does not say. */
  readonly allowed: readonly string[];
  /** The bounds of a number. */
  readonly minimum?: number;
  readonly maximum?: number;
}

/** What answering takes besides the question. */
export interface Mind {
  readonly features: FeatureSource;
  readonly evidence: EvidenceWeights;
  readonly sampling: Sampling;
  readonly rng: Rng;
  /** Whether the prompt has a place to write down intermediate results. */
  readonly showsWork: boolean;
}

/** An answer with its grounds. */
export interface Answer {
  /** `undefined`: an optional output that is left out. */
  readonly value: Json | undefined;
  /** The evidence in words; empty when there was none. */
  readonly because: string;
  /** The probability that the model gives its answer. */
  readonly confidence?: () => number;
  /** The most probable labels at temperature 1, the best first. */
  readonly labels?: readonly LabelProbability[];
}

/** A label and how probable the model holds it. */
export interface LabelProbability {
  readonly value: Json;
  readonly probability: number;
}

export function situation(texts: readonly string[], features: FeatureSource): Situation {
  const whole = texts.join("\n");
  return { texts, document: texts.map(features), whole, wholeFeatures: features(whole) };
}
