import { canonicalJson } from "#foundation";
import type { Json, Rng } from "#foundation";
import type { MakeKernels } from "./kernels.ts";

/**
 * How many observations every option counts as beside what was observed. One, as Optuna has it, settles on a combination
 * of options too early.
 */
const priorCount = 2;

/**
 * Kernels of a value without an order: weight on what was observed, the rest shared by all options; less is left for the
 * rest the more was observed (Bergstra et al. 2011). `weights` say how often an option is drawn where nothing was.
 */
export function optionKernels(
  options: readonly Json[],
  weights: readonly number[] = options.map(() => 1),
): MakeKernels {
  const places = new Map(options.map((option, place) => [keyOf(option), place]));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const shares = weights.map((weight) => weight / total);
  return (observed) => {
    const count = observed.length;
    const own = Int32Array.from(observed, (value) => (value === undefined ? -1 : (places.get(keyOf(value)) ?? -1)));
    const spread = (priorCount * options.length) / (priorCount * options.length + count);
    return {
      addLogDensity(sums, value) {
        const place = places.get(keyOf(value)) ?? -1;
        const share = shares[place] ?? 0;
        const [known, other, any] = [Math.log(1 - spread + spread * share), Math.log(spread * share), Math.log(share)];
        for (let at = 0; at < count; at++) {
          const seen = own[at] as number;
          sums[at] = (sums[at] as number) + (seen < 0 ? any : seen === place ? known : other);
        }
      },
      draw(component, rng) {
        const seen = own[component] as number;
        const place = seen >= 0 && rng.next() >= spread ? seen : drawPlace(shares, rng);
        return options[place] as Json;
      },
    };
  };
}

function drawPlace(shares: readonly number[], rng: Rng): number {
  let rest = rng.next();
  const place = shares.findIndex((share) => (rest -= share) < 0);
  return place < 0 ? shares.length - 1 : place;
}

/** Scalars are their own keys: most options are, and each ask looks up all that was observed. */
function keyOf(value: Json): Json {
  return typeof value === "object" && value !== null ? `json ${canonicalJson(value)}` : value;
}
