import type { Json } from "#foundation";
import type { Signature } from "./signatures/signature.ts";

/** One step of a pipeline. */
export interface Stage {
  /** The prefix of its paths in a configuration: `predict.temperature`. */
  readonly id: string;
  /** The name of its module. */
  readonly module: string;
  /** Its own signature; that of the stage around it, or the program's, unless told. */
  readonly signature?: Signature;
  /** The stages inside it, for its module to run. Their paths begin with its own: `vote.predict.temperature`. */
  readonly stages?: readonly Stage[];
}

/** A stage without an id gets its module's name, with a number from the second one on: `predict`, `predict_2`. */
export interface StageOptions {
  readonly id?: string;
  readonly signature?: Signature;
}

export interface StageDraft extends StageOptions {
  readonly module: string;
  readonly stages?: readonly (string | StageDraft)[];
  /** Its settings. They become part of the program's configuration, which wins over them. */
  readonly configuration?: ConfigurationDraft;
}

/** A configuration as people write it: paths, or a module's settings as an object. */
export type ConfigurationDraft = { readonly [path: string]: Json };
