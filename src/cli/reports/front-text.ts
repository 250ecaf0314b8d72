import type { RunReport } from "#optimize";
import { counted, score } from "../terminal/words.ts";

/** The compromises that a run found, as sentences and as a table. */
export interface FrontWords {
  readonly sentences: readonly string[];
  readonly titles: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const costs: Readonly<Record<string, string>> = {
  calls: "calls an example",
  tokens: "tokens an example",
  usd: "USD an example",
};

/** `undefined` where there is nothing to choose between. */
export function frontWords({ front, candidates, winner }: RunReport): FrontWords | undefined {
  if (front === null) return undefined;
  const { objectives, measured, candidates: members, hypervolume, reference } = front;
  const names = Object.keys(objectives);
  const rows = members.map(({ candidate, values }) => [
    `${candidate}${winner?.candidate === candidate ? "*" : ""}`,
    candidates.find(({ number }) => number === candidate)?.isBaseline === true ? "the baseline" : "",
    ...names.map((name) => amount(name, values[name] ?? Number.NaN)),
  ]);
  const wanted = names.map((name) => `${name} ${objectives[name] === "maximize" ? "high" : "low"}`).join(", ");
  const worst = names.map((name) => `${name} ${amount(name, reference[name] ?? Number.NaN)}`).join(", ");
  return {
    sentences: [
      `Of ${counted(measured, "candidate")} measured on the same examples no other does better than these in all of: ${wanted}.`,
      ...(hypervolume === null
        ? []
        : [`Hypervolume ${Number(hypervolume.toPrecision(4))} beyond the worst values measured (${worst}).`]),
    ],
    titles: ["candidate", "", ...names.map((name) => costs[name] ?? name)],
    rows,
  };
}

function amount(name: string, value: number): string {
  return costs[name] === undefined ? score(value) : String(Number(value.toPrecision(4)));
}
