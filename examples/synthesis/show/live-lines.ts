import type { ActionResult } from "tutti/orchestration";
import type { LivePart, Phase, Served } from "../live-part.ts";
import { actionText } from "./action-text.ts";
import { textTable } from "./text-table.ts";

const phases: readonly (readonly [Phase, string])[] = [
  ["before", "the default team"],
  ["switch", "while the actions were applied"],
  ["after", "the optimised team"],
  ["kill", "after a coder was killed"],
];

/** The live part as a person reads it. */
export function liveLines(part: LivePart, { width }: { readonly width?: number | undefined } = {}): string[] {
  const { served, children } = part;
  const lost = served.filter(({ outcome }) => outcome === "failed").length;
  return [
    ...textTable([titles, ...phases.flatMap(([phase, words]) => row(served, phase, words))], { width, spare: [3, 1] }),
    `${served.length} requests, four at once; ${lost === 0 ? "none was lost" : `${lost} failed`}.`,
    ...appliedLines(part),
    killLine(part),
    `The supervisor had ${children.before.join(", ")};`,
    `it has ${children.after.join(", ")}.`,
  ];
}

const titles = ["Live: requests to", "asked", "answered", "no program", "failed", "right"];

function row(served: readonly Served[], phase: Phase, words: string): string[][] {
  const own = served.filter((each) => each.phase === phase);
  if (own.length === 0) return [];
  const count = (of: (each: Served) => boolean): string => String(own.filter(of).length);
  return [
    [
      words,
      String(own.length),
      count(({ outcome }) => outcome === "answered"),
      count(({ outcome }) => outcome === "no program found"),
      count(({ outcome }) => outcome === "failed"),
      count(({ solved }) => solved),
    ],
  ];
}

function appliedLines({ applied }: LivePart): string[] {
  if (applied === undefined) return [];
  const { results, tookMs } = applied;
  const done = results.filter(({ outcome }) => outcome === "applied").length;
  const own = results.flatMap((result) => (isOwn(result) && "agent" in result.action ? [result.action.agent] : []));
  return [
    `${done} of ${results.length} actions applied in ${Math.round(tookMs)} ms, under load:`,
    ...results.flatMap((result) => (isOwn(result) ? [] : [`  ${resultText(result)}`])),
    ...(own.length === 0 ? [] : [`  own variables of ${own.join(", ")}`]),
  ];
}

/** Whether it is an agent's own variables that were set: said above, in what was chosen. */
function isOwn({ action, outcome }: ActionResult): boolean {
  return action.type === "adjust_parameters" && outcome === "applied";
}

function resultText({ action, outcome, error }: ActionResult): string {
  const words = actionText(action);
  return outcome === "applied" ? words : `${words} (${outcome}: ${error?.message ?? "no reason given"})`;
}

/** Who was killed, what it cost, and who answered the requests that it was working on. */
function killLine({ served, killed: { coder, restarts } }: LivePart): string {
  const hit = served.filter(({ repeated }) => repeated > 0);
  const killed = `${coder} was killed; its supervisor started ${restarts === 1 ? "it" : `${restarts} instances`} again.`;
  if (hit.length === 0) return `${killed} Nobody was waiting for it.`;
  const calls = hit.reduce((sum, { repeated }) => sum + repeated, 0);
  const fates = Map.groupBy(hit, ({ by }) => by ?? "nobody");
  const who = [...fates].map(([by, own]) => `${by} answered ${own.length}`).join(", ");
  return `${killed} ${calls} ${calls === 1 ? "call was" : "calls were"} made again; of their requests, ${who}.`;
}
