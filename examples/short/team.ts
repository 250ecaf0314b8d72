import { agentSelection, communicationTopology, LiveTeam, team, teamModule } from "tutti/orchestration";

const guess = teamModule("guess", ({ task }, { settings }) => ({ output: Number(task) + Number(settings["off"]) }));
const agents = ["ann", "bob", "cy"];
const panel = team({
  name: "panel",
  agents: {
    ann: { module: "guess", settings: { off: 0 } },
    bob: { module: "guess", settings: { off: 1 } },
    cy: { module: "guess", settings: { off: 0 } },
  },
  variables: [
    agentSelection("guessers", { agents, select: "subset", default: agents }),
    communicationTopology("net", { agents, patterns: ["broadcast"], aggregates: ["vote"] }),
  ],
});
await using live = new LiveTeam(panel, { modules: [guess] });
await live.startAgents();
const answer = await live.ask(41);

console.log(answer.ok ? answer.output : answer.error.message); // 41, by two to one
