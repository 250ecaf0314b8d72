import { auto, evolutionSampler, gp, qmc, randomSampler, tpe } from "#optimize";
import type { Sampler, SearchState } from "#optimize";

/** The samplers that are measured; each seed has its own scrambling, as it has its own chance. */
export const samplers: Readonly<Record<string, (seed: number) => Sampler<SearchState>>> = {
  random: () => randomSampler(),
  qmc: (seed) => qmc({ seed }),
  evolution: () => evolutionSampler(),
  tpe: () => tpe(),
  gp: () => gp(),
  auto: () => auto(),
};

/** The sampler of that name. */
export function samplerNamed(name: string, seed: number): Sampler<SearchState> {
  const make = samplers[name];
  if (make === undefined) throw new Error(`bench search: no sampler ${name}`);
  return make(seed);
}
