import type { RunProgress } from "#optimize";
import { counted, roughly, score } from "../terminal/words.ts";

/** How far a run is: the share of its time that is behind it, and a few words. */
export interface ProgressLine {
  readonly share: number;
  readonly text: string;
}

export function progressLine({ status, candidates, bestScore, baselineScore, spend, eta }: RunProgress): ProgressLine {
  const state = status === "running" ? "" : `${status}, `;
  const best = bestScore === undefined ? "" : ` · best ${score(bestScore)}, baseline ${score(baselineScore)}`;
  const left = eta === undefined ? "" : ` · ${roughly(eta.ms)} left`;
  const text = `${state}${counted(candidates, "candidate")}${best}${left} · ${counted(spend.calls, "call")}`;
  if (status === "completed" || status === "stopped") return { share: 1, text };
  return { share: eta === undefined ? 0 : spend.ms / Math.max(1, spend.ms + eta.ms), text };
}
