import type { JsonObject } from "#foundation";

/** Teleprompters by name, with options that make a run of them some hundred calls long. */
export const smallRuns: Readonly<Record<string, JsonObject>> = {
  random_search: { candidates: 8 },
  evolution: { candidates: 10, population: 4 },
  labeled_few_shot: { k: 8 },
  bootstrap_few_shot: { candidates: 6 },
  bootstrap_random_search: { candidates: 6 },
  copro: { breadth: 3, depth: 2 },
  mipro: { instructions: 3, demoSets: 3, trials: 6 },
  infer_rules: { candidates: 5 },
  simba: { candidates: 8, perStep: 4, minibatch: 12 },
  gepa: { candidates: 6 },
  beacon: { candidates: 9, instructions: 2, demoSets: 2 },
  learner: {
    teleprompter: { name: "bootstrap_few_shot", options: { candidates: 3 } },
    lessons: [
      { configuration: { "predict.temperature": 0.3 }, runs: ["run_1"], purpose: "from an earlier run", gain: 0.1 },
    ],
    prior: [],
  },
  auto: { candidates: 8, prune: "race" },
  stages: {
    stages: [
      { name: "bootstrap_few_shot", options: { candidates: 3 }, kinds: ["demos"] },
      { name: "random_search", options: { candidates: 4 } },
    ],
  },
};
