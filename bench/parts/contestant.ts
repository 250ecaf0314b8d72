/** One way to ask an instant model a structured question, for `bench/kernel.ts`. */
export interface Contestant {
  /** One prediction: a question in, an answer and a confidence out. */
  readonly single: (question: string) => Promise<Prediction>;
  /** Three predictions in a row in whatever the contestant has for pipelines. */
  readonly pipeline: (question: string) => Promise<Pick<Prediction, "answer">>;
  /** Three function stages in a row, where there is such a thing: the question shouted, with one more question mark. */
  readonly functions?: (question: string) => Promise<Pick<Prediction, "answer">>;
}

export interface Prediction {
  readonly answer: string;
  readonly confidence: number;
}

/** What every contestant's model says, in the contestant's own format. */
export const truth: Prediction = { answer: "Paris", confidence: 0.9 };
