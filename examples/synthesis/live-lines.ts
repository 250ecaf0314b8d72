import type { LivePart, Served } from "./live-part.ts";
import { textTable } from "./text-table.ts";

const phases: readonly (readonly [Served["phase"], string])[] = [
  ["before", "the default team"],
  ["switch", "while the actions were applied"],
  ["after", "the optimised team"],
  ["kill", "after a coder was killed"],
];

/** The live part as a person reads it. */
export function liveLines({ served, applied, killed, story, children }: LivePart): string[] {
  const rows = phases.map(([phase, words]) => {
    const own = served.filter((each) => each.phase === phase);
    const count = (of: (each: Served) => boolean): string => String(own.filter(of).length);
    return [
      words,
      String(own.length),
      count(({ outcome }) => outcome === "answered"),
      count(({ outcome }) => outcome === "no program found"),
      count(({ outcome }) => outcome === "failed"),
      count(({ solved }) => solved),
    ];
  });
  const repeated = served.reduce((sum, each) => sum + each.repeated, 0);
  const refused = applied.results.filter(({ outcome }) => outcome !== "applied");
  return [
    `Live: ${served.length} requests, four at once.`,
    ...textTable([["", "requests", "answered", "no program", "failed", "right"], ...rows]),
    `The supervisor had ${children.before.join(", ")}; it has ${children.after.join(", ")}.`,
    `${applied.results.length - refused.length} of ${applied.results.length} actions applied, no request lost.`,
    ...(killed === undefined
      ? []
      : [`${killed} was killed under its work; ${repeated} ${repeated === 1 ? "call was" : "calls were"} made again.`]),
    ...story.map((line) => `  ${line}`),
  ];
}
