/** A number that we promise, as it was measured. */
export interface Promised {
  readonly name: string;
  readonly measured: number;
  readonly unit: string;
  /** In words: `"<= 8"`. */
  readonly target: string;
  readonly holds: boolean;
}

export interface BenchOptions {
  /** Fewer rounds: done in a minute, with wider spreads. */
  readonly quick: boolean;
  /** Whether peers that have to be installed first are installed and measured too. */
  readonly peers: boolean;
  /** How many random schedules of faults each protocol is tried on; the bench's own count unless told. */
  readonly schedules?: number;
}

/** One file of `bench/`: prints its tables and returns its promises. */
export interface Bench {
  /** One line for the list. */
  readonly describe: string;
  run(options: BenchOptions): Promise<readonly Promised[]>;
}

export function atMost(name: string, measured: number, target: number, unit: string): Promised {
  return { name, measured: rounded(measured), unit, target: `<= ${target}`, holds: measured <= target };
}

export function atLeast(name: string, measured: number, target: number, unit: string): Promised {
  return { name, measured: rounded(measured), unit, target: `>= ${target}`, holds: measured >= target };
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
