import { agentSelection, resourceAllocation, team, teamModule } from "#orchestration";
import type { Team, TeamModule, Work } from "#orchestration";
import type { TeamExample } from "#teams";
import { choice, float, space } from "#variables";
import { doubled, numbers } from "./crews.ts";

const locals = space([choice("mode", ["plain", "careful"]), float("effort", { min: 0, max: 1 })], {
  when: { effort: { mode: "careful" } },
});

/** Three coders of which one is active, each with variables of its own; the third is the best when it is careful. */
export const tunedCoders: Team = team({
  name: "tuned",
  agents: Object.fromEntries(
    [6, 4, 2].map((wrong, place) => [
      `coder${place}`,
      { module: "tuned", settings: { wrong }, localVariableSpace: locals },
    ]),
  ),
  variables: [
    agentSelection("who", { agents: ["coder0", "coder1", "coder2"], select: "one" }),
    resourceAllocation("time", { agents: ["coder0", "coder1", "coder2"], resource: "steps", total: [5, 10] }),
  ],
  configuration: { "coder0/mode": "careful", "coder0/effort": 0.25 },
});

/** Its code: careful ones make one mistake fewer in ten. `before` is done before each answer. */
export function tunedCoder(before: (...call: Parameters<Work>) => unknown = () => {}): TeamModule {
  const work: Work = async (call, context) => {
    await before(call, context);
    const { task, parameters, grants } = call;
    const { settings } = context;
    const isCareful = parameters["mode"] === "careful" && (grants["steps"] ?? 0) >= 5;
    const wrong = (settings["wrong"] as number) - (isCareful ? 1 : 0);
    return { output: (task as number) % 10 < wrong ? -1 : 2 * (task as number), used: { steps: 1 } };
  };
  return teamModule("tuned", work);
}

interface Splits {
  readonly train: readonly TeamExample[];
  readonly validation: readonly TeamExample[];
  readonly test: readonly TeamExample[];
}

export const splits: Splits = { train: numbers(0, 4), validation: numbers(100, 20), test: numbers(200, 30) };

/** What every run of them has in common. */
export const tuning = { metric: doubled, ...splits, seed: 5, concurrency: 4, deterministic: true } as const;
