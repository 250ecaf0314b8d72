import { exactMatch, program, signature } from "#programs";
import type { Example, ModelRequest } from "#programs";
import { choice, demos, float, space } from "#variables";
import { demoOf } from "#programs";
import { scriptedModel } from "#testing";
import type { ScriptedModel, ScriptedModelOptions } from "#testing";

/** A task whose best configuration is known: the model is right on every number when it is cold and shown demos. */
export const parity = program({
  name: "parity",
  signature: signature('n: int -> parity: "even" | "odd"'),
});

export type ParityExample = Example<{ n: number }, { parity: "even" | "odd" }>;

export const parityMetric = exactMatch<{ n: number }, { parity: "even" | "odd" }>("parity");

export function parityExamples(from: number, count: number): ParityExample[] {
  return Array.from({ length: count }, (_, index) => {
    const n = from + index;
    return { inputs: { n }, expected: { parity: n % 2 === 0 ? "even" : "odd" } };
  });
}

export const train: readonly ParityExample[] = parityExamples(0, 20);
export const validation: readonly ParityExample[] = parityExamples(100, 24);
export const test: readonly ParityExample[] = parityExamples(200, 40);

export const paritySpace = space([
  float("predict.temperature", { min: 0, max: 1 }),
  demos("predict.demos", { pool: train.map(demoOf), max: 4 }),
  choice("predict.adapter", ["chat", "json"]),
]);

/** Right on every number when cold and shown demos; wrong on one in four without demos, on more the hotter it is. */
export function parityModel(options: ScriptedModelOptions = {}): ScriptedModel {
  return scriptedModel((request) => {
    const n = numberIn(request);
    const isHot = (n % 10) / 10 < (request.temperature ?? 0) - 0.5;
    const isUnsure = request.messages.length === 2 && n % 4 === 0;
    const isEven = (n % 2 === 0) !== (isHot || isUnsure);
    const answer = isEven ? "even" : "odd";
    return request.responseFormat === undefined
      ? `[[ ## parity ## ]]\n${answer}\n[[ ## completed ## ]]`
      : JSON.stringify({ parity: answer });
  }, options);
}

export function numberIn({ messages }: ModelRequest): number {
  return Number(/\d+/.exec(messages.at(-1)?.content ?? "")?.[0]);
}
