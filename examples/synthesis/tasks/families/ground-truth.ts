import type { Json, Rng } from "tutti/foundation";
import type { Hypothesis } from "../../programs/hypothesis.ts";

/** The hidden function of a task, with the inputs it is asked about. */
export interface GroundTruth extends Hypothesis {
  /** An input drawn at random: the argument list. */
  readonly sample: (rng: Rng) => readonly Json[];
}
