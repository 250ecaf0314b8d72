import type { AmortisedCost, Amortisation, Paying } from "#optimize";
import { count, gainInterval, signed } from "../terminal/words.ts";

/** What the cost of a run comes to, as sentences and as a table. */
export interface AmortisationWords {
  readonly sentences: readonly string[];
  readonly titles: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const names: Readonly<Record<Paying, string>> = { usd: "USD", tokens: "tokens", calls: "model calls" };

export function amortisationWords(amortisation: Amortisation): AmortisationWords {
  if (!amortisation.known)
    return { sentences: [`There is nothing to set the cost against: ${amortisation.reason}.`], titles: [], rows: [] };
  const { costs, gain, measuredOn } = amortisation;
  const where = measuredOn === "test" ? "held-out examples" : "validation examples, which flatter it";
  const saving = costs.filter(({ usesToPayOff }) => usesToPayOff !== null);
  const sentences = [
    `The chosen configuration gains ${signed(gain.mean)} (${gainInterval(gain.interval)}) on ${where}.`,
    saving.length === 0
      ? "A use of it costs no less than one of the baseline: the search buys score, and pays for itself only by that."
      : `A use of it costs less than one of the baseline: the search has paid for itself after ${saving.map(payOff).join(", ")}.`,
  ];
  const titles = ["", "the run", "a use before", "a use after", "uses to pay off", "each 0.01 of score", "95 %"];
  return { sentences, titles, rows: costs.map(rowOf) };
}

function payOff({ resource, usesToPayOff }: AmortisedCost): string {
  return `${count(usesToPayOff ?? 0)} uses by ${names[resource]}`;
}

function rowOf({ resource, spent, baseline, chosen, usesToPayOff, perPoint }: AmortisedCost): readonly string[] {
  const text = (value: number): string => amount(resource, value);
  const { mean, least, most } = perPoint;
  const range = least === null ? "–" : most === null ? `at least ${text(least)}` : `${text(least)} … ${text(most)}`;
  return [
    names[resource],
    text(spent),
    text(baseline),
    text(chosen),
    usesToPayOff === null ? "never" : count(usesToPayOff),
    mean === null ? "–" : text(mean),
    range,
  ];
}

function amount(resource: Paying, value: number): string {
  if (resource === "usd") return value.toPrecision(3);
  return value >= 100 || Number.isInteger(value) ? count(value) : String(Number(value.toFixed(2)));
}
