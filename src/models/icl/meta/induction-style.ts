import type { Task } from "../dialects/task.ts";
import type { InductionStyle } from "./induction.ts";
import { materialText } from "./material.ts";
import type { MetaMind } from "./meta-answer.ts";

/** How many keywords a rule gets and of which sort: as the tip says, else drawn above temperature 0. */
export function inductionStyle(task: Task, { sampling, rng }: MetaMind): InductionStyle {
  const tip = materialText(task, ["tip"]).toLowerCase();
  const drawn = rng.fork("style");
  const isDrawn = sampling.temperature > 0;
  const some = isDrawn ? 3 + Math.floor(drawn.next() * 6) : 5;
  const keywords = /simple|concise|short/.test(tip) ? 3 : /descript|informative|detail/.test(tip) ? 8 : some;
  return {
    keywords,
    bigrams: isDrawn ? drawn.next() < 0.7 : true,
    exclusions: isDrawn && drawn.next() < 0.3,
  };
}
