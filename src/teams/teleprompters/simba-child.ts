import { canonicalJson, integerBelow } from "#foundation";
import type { Rng } from "#foundation";
import { activeVariables, settleConfiguration } from "#variables";
import { mutateConfiguration } from "#variables/search";
import type { Configuration, Space } from "#variables";
import { strategyOf, variablesOf } from "./mutation-strategy.ts";
import type { MutationStrategy } from "./mutation-strategy.ts";
import { contrastOn } from "./simba-contrast.ts";
import type { Contrast } from "./simba-contrast.ts";
import type { Origin } from "./simba-state.ts";
import type { Credits } from "./strategy-credit.ts";
import { sampleByScore, weightedPlace } from "./weighted-pool.ts";
import type { Ranked } from "./weighted-pool.ts";

export interface Child {
  readonly configuration: Configuration;
  readonly origin: Origin;
}

/** What children are made from. */
export interface Parents {
  readonly space: Space;
  /** The members with a score, the best first; at least one. */
  readonly ranked: readonly Ranked[];
  readonly credits: Credits;
  /** The examples that tell them apart. */
  readonly batch: readonly number[];
  /** How many of the pool a child learns from. */
  readonly learntFrom: number;
}

const transplantShare = 0.5;

/** In a space of so many active variables every second child is moved further; of more, more. */
const evenOdds = 3;

const maxMoves = 2;

/**
 * A child of a member of the pool by one strategy: it takes over what the best configuration has on an example that
 * told good from bad, or one or two of the strategy's own variables move. In most children one or two variables of any
 * strategy move as well, the likelier the more there are: some changes help only together.
 */
export function childOf(parents: Parents, rng: Rng): Child {
  const { space, ranked, credits } = parents;
  const { place, member } = sampleByScore(rng.fork("source"), ranked, 1)[0] as Ranked;
  const active = activeVariables(space, member.configuration);
  const movable = [...new Set(active.map(strategyOf))];
  const weights = movable.map((each) => credits[each]);
  const strategy = movable[weightedPlace(rng.fork("strategy"), weights)] as MutationStrategy;
  const child = changed(parents, member.configuration, { strategy, rng });
  const further = rng.fork("further");
  const isMovedOn = further.next() < active.length / (active.length + evenOdds);
  const configuration = isMovedOn ? moved(space, child, { rng: further }) : child;
  return { configuration, origin: { parent: place, strategy } };
}

interface ChangeOptions {
  readonly strategy: MutationStrategy;
  readonly rng: Rng;
}

function changed(parents: Parents, source: Configuration, { strategy, rng }: ChangeOptions): Configuration {
  const { space, ranked, batch, learntFrom } = parents;
  if (rng.fork("transplant").next() < transplantShare) {
    const members = sampleByScore(rng.fork("sample"), ranked, learntFrom).map(({ member }) => member);
    const contrast = contrastOn(batch, members, rng.fork("bucket"));
    if (contrast !== undefined) return transplanted(space, source, { contrast, strategy });
  }
  return moved(space, source, { strategy, rng: rng.fork("move") });
}

/** With a variable or two moved, of the strategy or of any. */
function moved(
  space: Space,
  source: Configuration,
  { strategy, rng }: Pick<ChangeOptions, "rng"> & { readonly strategy?: MutationStrategy },
): Configuration {
  const variables = 1 + integerBelow(rng.fork("count"), maxMoves);
  const options = strategy === undefined ? { variables } : { variables, groups: [strategy] };
  return mutateConfiguration(space, source, rng.fork("mutate"), options);
}

/**
 * With what the best one has of the strategy's variables where the worst has it otherwise. What that activates comes
 * from the best one too.
 */
function transplanted(
  space: Space,
  source: Configuration,
  { contrast, strategy }: { readonly contrast: Contrast; readonly strategy: MutationStrategy },
): Configuration {
  const [best, worst] = [contrast.best.configuration, contrast.worst.configuration];
  const given = variablesOf(space, [strategy])
    .map(({ name }) => name)
    .filter((name) => name in best && canonicalJson(best[name]) !== canonicalJson(worst[name]))
    .map((name) => [name, best[name]]);
  return settleConfiguration(space, { ...best, ...source, ...Object.fromEntries(given) } as Configuration);
}
