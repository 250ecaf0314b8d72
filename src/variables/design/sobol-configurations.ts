import type { Rng } from "#foundation";
import type { Configuration } from "../configuration.ts";
import { brokenConstraints, countTries } from "../constraints/constraint.ts";
import type { Space } from "../space.ts";
import { drawnConfiguration, shareLayout } from "./drawn-configuration.ts";
import { checkCount, strata } from "./latin-hypercube.ts";
import { maxSobolDimensions, sobolPoint, sobolScrambles } from "./sobol-sequence.ts";

/**
 * `count` configurations along a scrambled Sobol sequence: spread more evenly than by chance, in one variable and in
 * pairs, best where `count` is a power of 2. Choices come as often as their weights say. Points that break a constraint
 * are left out; `UsageError` as sampling has it when 1,000 in a row do. Beyond 128 numbers (long lists have one per item)
 * the further ones are spread as by a Latin hypercube.
 */
export function sobolConfigurations(space: Space, count: number, rng: Rng): Configuration[] {
  checkCount("sobolConfigurations", count);
  const layout = shareLayout(space);
  const scrambles = sobolScrambles(Math.min(layout.count, maxSobolDimensions), rng.fork("sobol"));
  const further = Array.from({ length: layout.count - scrambles.length }, (_, column) =>
    strata(Math.max(1, count), rng.fork(`further ${column}`)),
  );
  const found: Configuration[] = [];
  let tries = countTries();
  for (let index = 0; found.length < count; index++) {
    const point = [...sobolPoint(index, scrambles), ...further.map((column) => column[index % column.length] ?? 0)];
    const configuration = drawnConfiguration(space, layout, point);
    const broken = brokenConstraints(space, configuration);
    if (broken.length > 0) {
      tries.note(broken);
      continue;
    }
    found.push(configuration);
    tries = countTries();
  }
  return found;
}
