import fc from "fast-check";
import { seededRng } from "#foundation";
import { agentSelection, communicationTopology, resourceAllocation, team, teamSpace } from "#orchestration";
import type { OrchestrationVariable, Role, Team } from "#orchestration";
import { choice, float, sampleConfiguration, space } from "#variables";
import { sayer } from "./live.ts";

/** A team of some agents with variables of every kind, at a random place of its space. */
export interface RandomTeam {
  readonly value: Team;
  /** Another place of its space. */
  readonly other: Team["configuration"];
}

export function randomTeam(): fc.Arbitrary<RandomTeam> {
  return fc
    .record({
      count: fc.integer({ min: 1, max: 5 }),
      select: fc.constantFrom("one" as const, "subset" as const, "order" as const, undefined),
      hasTopology: fc.boolean(),
      hasShares: fc.boolean(),
      totals: fc.constantFrom([100], [100, 200]),
      roles: fc.array(fc.constantFrom("executor", "coordinator", "evaluator", "monitor"), {
        minLength: 5,
        maxLength: 5,
      }),
      seeds: fc.tuple(fc.integer(), fc.integer()),
    })
    .map(({ count, select, hasTopology, hasShares, totals, roles, seeds }) => {
      const names = Array.from({ length: count }, (_, place) => `agent${place}`);
      const selected = names.slice(0, Math.max(1, count - 1));
      const variables: OrchestrationVariable[] = [];
      if (select !== undefined) variables.push(agentSelection("who", { agents: selected, select }));
      if (hasTopology) {
        const rounds = { min: 1, max: 3 };
        variables.push(communicationTopology("net", { agents: names, rounds, aggregates: ["vote", "last"] }));
      }
      if (hasShares) variables.push(resourceAllocation("share", { resource: "tokens", agents: names, total: totals }));
      const locals = space([float("warmth", { min: 0, max: 2 }), choice("style", ["terse", "long"])], {
        when: { warmth: { style: "long" } },
      });
      const agents = Object.fromEntries(
        names.map((id, place) => [id, sayer(id, { localVariableSpace: locals, role: roles[place] as Role })]),
      );
      const plain = team({ name: "random", id: "team_random", agents, variables });
      const [configuration, other] = seeds.map((seed) => sampleConfiguration(teamSpace(plain), seededRng(seed))) as [
        Team["configuration"],
        Team["configuration"],
      ];
      return { value: { ...plain, configuration }, other };
    });
}
