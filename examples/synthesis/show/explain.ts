import type { Team } from "tutti/orchestration";
import type { Configuration } from "tutti/variables";
import { routingKinds } from "../agents/routing-cell.ts";
import { shortText } from "./short-text.ts";

/** A team's configuration in a few lines: who works in which order, what for, and what each may use. */
export function explain(team: Team, configuration: Configuration): string[] {
  const coders = configuration["team.coders"] as readonly string[];
  const pattern = String(configuration["team.net.pattern"]);
  const reviewer = String(configuration["team.reviewer"]);
  const who = coders.length === 1 ? "One coder works" : `${coders.length} coders work`;
  const inOrder = coders.join(pattern === "ring" || pattern === "chain" ? " → " : ", ");
  return [
    `${who} ${howTheyWork[pattern] ?? `as a ${pattern}`}: ${inOrder}.`,
    ...(pattern === "star" ? routes(configuration, coders) : []),
    `A task may take ${shortText(configuration["team.operations.total"])} operations; at the most`,
    ...coders.map((coder) => `  ${coder}: ${grants(configuration, coder)}${own(configuration, coder)}`),
    `${reviewer} decides${own(configuration, reviewer)}; the tester runs what it chose.`,
    ...unchanged(team, configuration),
  ];
}

const howTheyWork: Readonly<Record<string, string>> = {
  ring: "one after the other, until the reviewer is satisfied",
  chain: "one after the other, each once",
  broadcast: "at the same time",
  star: "for the planner, who routes each task to one of them",
};

function routes(configuration: Configuration, coders: readonly string[]): string[] {
  const chosen = (path: string): string => coders.find((coder) => coder === configuration[path]) ?? coders[0] ?? "";
  return routingKinds.map((row) => {
    const ways = routingKinds.map((column) => `to a ${column} ${chosen(`planner/${row}_to_${column}`)}`);
    return `  from a ${row} ${ways.join(", ")}`;
  });
}

function grants(configuration: Configuration, coder: string): string {
  const prefix = "team.operations.";
  const shares = Object.entries(configuration).filter(([path]) => path.startsWith(prefix) && path !== `${prefix}total`);
  const total = shares.reduce((sum, [, value]) => sum + Number(value), 0);
  const share = Math.round((100 * Number(configuration[`${prefix}${coder}`])) / total);
  return `${share} % of them and ${shortText(configuration[`team.views.${coder}`])} examples`;
}

function own(configuration: Configuration, agent: string): string {
  const values = Object.entries(configuration).filter(([path]) => path.startsWith(`${agent}/`));
  if (values.length === 0) return "";
  return ` (${values.map(([path, value]) => `${path.slice(agent.length + 1)} ${shortText(value)}`).join(", ")})`;
}

function unchanged(team: Team, configuration: Configuration): string[] {
  const stood = Object.keys(configuration).filter(
    (path) => JSON.stringify(team.configuration[path]) === JSON.stringify(configuration[path]),
  );
  return stood.length === 0 ? [] : [`Left as they were: ${stood.join(", ")}.`];
}
