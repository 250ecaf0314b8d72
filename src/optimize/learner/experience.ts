import type { Configuration, Space } from "#variables";
import type { TaskSketch } from "./task-sketch.ts";

/** What earlier runs of a store tell, as plain JSON. */
export interface Experience {
  /** The newest first. */
  readonly runs: readonly ExperiencedRun[];
  /** What could not be read, and why, for people. */
  readonly notes: readonly string[];
}

/** An earlier run, ended or not. */
export interface ExperiencedRun {
  readonly run: string;
  readonly sketch: TaskSketch;
  readonly space: Space;
  readonly baseline: Configuration;
  /** The examples that it learned from and chose by, as `exampleKey` names them, in their places. */
  readonly train: readonly string[];
  readonly validation: readonly string[];
  readonly trials: readonly ExperiencedTrial[];
}

/** A configuration that was measured on validation examples. */
export interface ExperiencedTrial {
  readonly configuration: Configuration;
  /** The score on each example that counted, by its place. */
  readonly scores: Readonly<Record<number, number>>;
}
