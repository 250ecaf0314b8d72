import type { Team } from "tutti/orchestration";
import type { Configuration } from "tutti/variables";

/** A team's configuration in a few lines: who works in which order, what for, and what each may use. */
export function explain(team: Team, configuration: Configuration): string[] {
  const value = <T>(path: string): T => configuration[path] as T;
  const coders = value<readonly string[]>("team.coders");
  const pattern = value<string>("team.net.pattern");
  const operations = value<number>("team.operations.total");
  const reviewer = value<string>("team.reviewer");
  return [
    `${coders.length === 1 ? "One coder works" : `${coders.length} coders work`} ${howTheyWork[pattern] ?? `as a ${pattern}`}: ${coders.join(pattern === "broadcast" ? ", " : " → ")}.`,
    `A task may take ${operations.toLocaleString("en")} operations; at the most`,
    ...coders.map(
      (coder) =>
        `  ${coder}: ${share(configuration, "operations", coder)} of them and ${value<number>(`team.views.${coder}`)} examples${own(configuration, coder)}`,
    ),
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

function share(configuration: Configuration, resource: string, coder: string): string {
  const prefix = `team.${resource}.`;
  const shares = Object.entries(configuration).filter(([path]) => path.startsWith(prefix) && path !== `${prefix}total`);
  const total = shares.reduce((sum, [, value]) => sum + (value as number), 0);
  return `${Math.round((100 * (configuration[`${prefix}${coder}`] as number)) / total)} %`;
}

function own(configuration: Configuration, agent: string): string {
  const values = Object.entries(configuration).filter(([path]) => path.startsWith(`${agent}/`));
  if (values.length === 0) return "";
  const short = (value: unknown): string =>
    typeof value === "number" ? String(Math.round(value * 100) / 100) : String(value);
  return ` (${values.map(([path, value]) => `${path.slice(agent.length + 1)} ${short(value)}`).join(", ")})`;
}

function unchanged(team: Team, configuration: Configuration): string[] {
  const stood = Object.keys(configuration).filter(
    (path) => JSON.stringify(team.configuration[path]) === JSON.stringify(configuration[path]),
  );
  return stood.length === 0 ? [] : [`Left as they were: ${stood.join(", ")}.`];
}
