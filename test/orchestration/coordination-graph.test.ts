import { expect, test } from "vitest";
import { communicationTopology, coordinationGraph, localVariables, registerAgent, team } from "#orchestration";
import { float, space } from "#variables";

const agents = { a: { module: "m" }, b: { module: "m" }, c: { module: "m" }, d: { module: "m" } };

test("a new team has no nodes and no edges, and a registered agent is a node", () => {
  const empty = team({ name: "empty" });
  expect(coordinationGraph(empty)).toEqual({ nodes: [], edges: [], topology: undefined });
  expect(coordinationGraph(registerAgent(empty, "a", { module: "m" })).nodes).toEqual(["a"]);
});

test.each([
  ["ring", 4],
  ["star", 6],
  ["mesh", 12],
  ["broadcast", 3],
  ["chain", 3],
])("a %s of four has %d edges", (pattern, count) => {
  const net = communicationTopology("net", { agents: Object.keys(agents), patterns: [pattern] });
  const { edges, topology } = coordinationGraph(team({ name: "four", agents, variables: [net] }));
  expect({ count: edges.length, topology }).toEqual({ count, topology: pattern });
});

test("every agent's own variables are its space's", () => {
  const own = space([float("temperature", { min: 0, max: 1 })]);
  expect(localVariables(team({ name: "one", agents: { a: { module: "m", localVariableSpace: own } } }))).toEqual({
    a: own,
  });
});
