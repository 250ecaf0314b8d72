import type { Json } from "tutti/foundation";

/** A program as it runs here, without the JavaScript source: `undefined` where the source throws. */
export type Run = (input: readonly Json[]) => Json | undefined;

/** A program before it is written out: its body in JavaScript, its number of parts, and the same function to run here. */
export interface Hypothesis {
  readonly body: string;
  readonly size: number;
  readonly run: Run;
}
