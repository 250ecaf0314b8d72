import { agentSelection, communicationTopology, team, teamModule } from "tutti/orchestration";
import { memoryStore } from "tutti/storage/memory";
import { evolution, optimizeTeam } from "tutti/teams";

// Each guesser knows the answer to some tasks only, and says nothing to the others.
const guess = teamModule("guess", ({ task }, { settings }) => ({
  output: Number(task) % 3 === settings["knows"] ? Number(task) * 2 : null,
}));
const agents = ["ann", "bob", "cy"];
const panel = team({
  name: "panel",
  agents: Object.fromEntries(agents.map((name, knows) => [name, { module: "guess", settings: { knows } }])),
  variables: [
    agentSelection("guessers", { agents, select: "subset", default: ["ann"] }),
    communicationTopology("net", { agents, patterns: ["broadcast"], aggregates: ["first"] }),
  ],
});
const tasks = Array.from({ length: 90 }, (_, number) => ({ input: number, expectedOutput: number * 2 }));
const { actions, report } = await optimizeTeam(panel, {
  store: memoryStore(),
  modules: [guess],
  metric: ({ output }, { expectedOutput }) => (output === expectedOutput ? 1 : 0),
  teleprompter: evolution({ candidates: 12 }),
  train: tasks.slice(0, 60),
  test: tasks.slice(60),
  seed: 1,
});

console.log(report.heldOut?.baseline.score.toFixed(2), "→", report.heldOut?.winner.score.toFixed(2), actions);
