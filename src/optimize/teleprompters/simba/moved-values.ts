import { canonicalJson, integerBelow } from "#foundation";
import type { Rng } from "#foundation";
import { settleConfiguration } from "#variables";
import type { Configuration, Space } from "#variables";
import { mutateConfiguration, restrictSpace } from "#variables/search";
import { gp } from "../../search/gp.ts";
import type { Member } from "../pool/member.ts";
import { shrunkenMeans } from "../pool/shrunken-means.ts";
import { movableNames } from "./movable-names.ts";
import type { SimbaState } from "./simba-state.ts";

/** How many variables move by chance, at most. */
const maxMoves = 2;

/** From so many members on that differ in nothing but values, a model of them says more than chance. */
const enoughPeers = 14;

/**
 * Other values of what moves in a member: a neighbour's, by chance, as long as it is its texts and demos that the pool
 * differs in; where they help so little that enough members have the same, the values of which a model of these promises
 * most (`gp`). `undefined` where nothing moves.
 */
export function movedValues(
  state: Pick<SimbaState, "task" | "pool">,
  { configuration }: Pick<Member, "configuration">,
  rng: Rng,
): Configuration | undefined {
  const names = movableNames(state.task, configuration);
  if (names.length === 0) return undefined;
  const among = restrictSpace(state.task.space, names, configuration);
  const peers = peersOf(state.pool, configuration, names);
  if (peers.filter(({ worth }) => worth !== undefined).length >= enoughPeers)
    return promising(among, peers, rng.fork("model"));
  const variables = 1 + integerBelow(rng.fork("moves"), maxMoves);
  return mutateConfiguration(among, configuration, rng.fork("move"), { variables });
}

interface Peer {
  readonly configuration: Configuration;
  /** Not known while it is out. */
  readonly worth: number | undefined;
}

/** The members that differ from a configuration in these values alone, with what they are worth. */
function peersOf(pool: readonly Member[], configuration: Configuration, names: readonly string[]): readonly Peer[] {
  const rest = (of: Configuration): string =>
    canonicalJson(Object.fromEntries(Object.entries(of).filter(([name]) => !names.includes(name))));
  const own = rest(configuration);
  const worths = shrunkenMeans(pool, "train");
  return pool
    .map((member, place) => ({ configuration: member.configuration, worth: worths[place] }))
    .filter((peer) => rest(peer.configuration) === own);
}

function promising(among: Space, peers: readonly Peer[], rng: Rng): Configuration | undefined {
  const sampler = gp({ startup: 1 });
  const known = new Set(among.variables.map(({ name }) => name));
  const trials = peers.map(({ configuration }, place) => {
    const values = Object.entries(configuration).filter(([name]) => known.has(name));
    return { id: String(place), configuration: settleConfiguration(among, Object.fromEntries(values)) };
  });
  let search = sampler.issue(sampler.start(among), trials);
  for (const [place, { worth }] of peers.entries())
    if (worth !== undefined) search = sampler.tell(search, { id: String(place), score: worth });
  return sampler.ask(search, rng, 1)[0]?.configuration;
}
