import { agentSelection, communicationTopology, LiveTeam, team, teamModule } from "tutti/orchestration";

// An agent is a function from a call to a reply; `output: null` says that it has found nothing.
const writer = teamModule("writer", ({ task, inbox }, { settings }) => ({
  output: `${inbox.at(-1)?.output ?? task} ${settings["word"]}`,
}));
// An evaluator gets the answers so far in its inbox: it may choose one (by its place), and accept it, which ends a ring.
const critic = teamModule("critic", ({ inbox }) => ({
  output: inbox.at(-1)?.output ?? null,
  choice: inbox.length - 1,
  accepted: String(inbox.at(-1)?.output).split(" ").length >= 3,
}));

const panel = team({
  name: "panel",
  agents: {
    ann: { module: "writer", settings: { word: "once" } },
    bob: { module: "writer", settings: { word: "upon" } },
    cy: { module: "writer", settings: { word: "never" } },
    dee: { module: "critic", role: "evaluator" },
  },
  variables: [
    agentSelection("writers", { agents: ["ann", "bob", "cy"], select: "order", default: ["ann", "bob", "cy"] }),
    communicationTopology("net", { agents: ["ann", "bob", "cy"], patterns: ["ring", "broadcast"] }),
  ],
});

await using live = new LiveTeam(panel, { modules: [writer, critic] });
await live.startAgents();
const answer = await live.ask("Told");
console.log(answer.ok ? answer.output : answer.error.message); // Told once upon: cy was not asked
console.log(answer.trace.calls.map(({ agent, kind }) => `${agent} ${kind}`).join(", "));
