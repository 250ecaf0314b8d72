import { agentSelection, communicationTopology, LiveTeam, team, teamModule } from "tutti/orchestration";

const greet = teamModule("greet", ({ task }, { settings }) => ({ output: `${settings["word"]}, ${task}` }));
const agents = ["polite", "short"];
const desk = team({
  name: "desk",
  agents: {
    polite: { module: "greet", settings: { word: "Good morning" } },
    short: { module: "greet", settings: { word: "Hi" } },
  },
  variables: [
    agentSelection("greeter", { agents, select: "one", default: "polite" }),
    communicationTopology("net", { agents, patterns: ["broadcast"] }),
  ],
});
await using live = new LiveTeam(desk, { modules: [greet] });
await live.startAgents();
const before = live.ask("Ann"); // under way while the team changes: it ends as it began
const { ok } = await live.apply([{ type: "reconfigure_supervisor", variable: "greeter", from: "polite", to: "short" }]);
const after = await live.ask("Ann");

console.log(ok, (await before).ok, after.ok && after.output); // true true Hi, Ann
