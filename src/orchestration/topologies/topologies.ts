import { UsageError } from "#foundation";
import { broadcast } from "./broadcast.ts";
import { chain } from "./chain.ts";
import { mesh } from "./mesh.ts";
import { ring } from "./ring.ts";
import { star } from "./star.ts";
import type { Topology } from "./topology.ts";

const known: readonly Topology[] = [broadcast, ring, star, mesh, chain];

/** The topologies that every team can use, by name. Others are made by `customTopology`. */
export const topologies: Readonly<Record<string, Topology>> = Object.fromEntries(
  known.map((topology) => [topology.name, topology]),
);

/** The topology of this name. Throws `UsageError` that lists the known ones. */
export function topologyNamed(name: string): Topology {
  const topology = known.find((candidate) => candidate.name === name);
  if (topology !== undefined) return topology;
  throw new UsageError(`topology: expected one of ${Object.keys(topologies).join(", ")}, got ${name}`);
}
