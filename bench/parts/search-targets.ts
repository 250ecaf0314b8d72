/** What `auto` shall reach on a problem of bbo-suite.json, in the median of 20 seeds. */
export interface SearchTarget {
  readonly problem: string;
  readonly budget: number;
  readonly must: number;
  readonly stretch: number;
}

/** `../shared/spec/optimizers.md`, 6.5. */
export const targets: readonly SearchTarget[] = [
  ...rows("team-a", [50, 0.73, 0.75], [100, 0.84, 0.87], [200, 0.89, 0.92]),
  ...rows("team-b", [50, 0.76, 0.81], [100, 0.85, 0.88], [200, 0.9, 0.93]),
  ...rows("team-c", [50, 0.8, 0.84], [100, 0.87, 0.9], [200, 0.91, 0.95]),
  ...rows("nk-a", [100, 0.85, 0.865]),
  ...rows("nk-b", [100, 0.84, 0.853]),
  ...rows("nk-c", [100, 0.82, 0.853]),
  ...rows("branin", [50, 0.4, 0.3979]),
  ...rows("hartmann6", [100, -3.3, -3.322]),
  ...rows("ackley5", [200, 4.3, 3.5]),
  ...rows("rosenbrock4", [200, 7.3, 2]),
];

/** In how many of 20 searches the optimum of the finite problems shall be among 200 evaluations. */
export const hits = { must: 10, stretch: 15 } as const;

/** What an ask may cost on eleven variables, in ms, by how many trials were told. */
export const askTargets: readonly { readonly trials: number; readonly must: number; readonly stretch: number }[] = [
  { trials: 100, must: 30, stretch: 10 },
  { trials: 500, must: 100, stretch: 40 },
  { trials: 1000, must: 150, stretch: 60 },
  { trials: 2000, must: 200, stretch: 80 },
];

function rows(
  problem: string,
  ...cells: readonly (readonly [budget: number, must: number, stretch: number])[]
): SearchTarget[] {
  return cells.map(([budget, must, stretch]) => ({ problem, budget, must, stretch }));
}
