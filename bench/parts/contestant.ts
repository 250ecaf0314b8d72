/** One way to ask an instant model a structured question, for `bench/kernel.ts`. */
export interface Contestant {
  /** One prediction: a question in, an answer and a confidence out. */
  readonly single: (question: string) => Promise<Prediction>;
  /** Three predictions in a row in whatever the contestant has for pipelines. */
  readonly pipeline: (question: string) => Promise<unknown>;
  /** Three function stages in a row, where there is such a thing. */
  readonly functions?: (question: string) => Promise<unknown>;
}

export interface Prediction {
  readonly answer: string;
  readonly confidence: number;
}

/** What every contestant's model says, in the contestant's own format. */
export const truth: Prediction = { answer: "Paris", confidence: 0.9 };
