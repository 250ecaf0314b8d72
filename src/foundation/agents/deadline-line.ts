/** Something that must happen by a time unless it is settled before. */
export interface Deadline {
  /** Set by its owner: the deadline then does nothing. */
  settled: boolean;
  /** Called once, at its time, if it is not settled. */
  expire(): void;
}

const leastSweepAt = 4096;

/**
 * The deadlines of one duration, in the order of their times. Two arrays, so that none needs an object of its own.
 * What is settled stays until it comes to the front or until there is twice as much as was live at the last sweep.
 */
export class DeadlineLine {
  #times: number[] = [];
  #deadlines: (Deadline | undefined)[] = [];
  #front = 0;
  #sweepAt = leastSweepAt;

  /** Takes in a deadline that is not before any other. */
  push(at: number, deadline: Deadline): void {
    this.#times.push(at);
    this.#deadlines.push(deadline);
    if (this.#times.length > this.#sweepAt) this.#sweep();
  }

  /** Takes out what is due. */
  takeDue(now: number): Deadline[] {
    const due: Deadline[] = [];
    for (; this.#front < this.#times.length && (this.#times[this.#front] as number) <= now; this.#front++) {
      due.push(this.#deadlines[this.#front] as Deadline);
      this.#deadlines[this.#front] = undefined;
    }
    return due;
  }

  /** Drops what is settled at the front and gives the time of the first that is not; `Infinity` when there is none. */
  trim(): number {
    for (; this.#front < this.#times.length && this.#deadlines[this.#front]?.settled === true; this.#front++)
      this.#deadlines[this.#front] = undefined;
    if (this.#front < this.#times.length) return this.#times[this.#front] as number;
    this.#front = this.#times.length = this.#deadlines.length = 0;
    this.#sweepAt = leastSweepAt;
    return Infinity;
  }

  #sweep(): void {
    let kept = 0;
    for (let place = this.#front; place < this.#times.length; place++) {
      const deadline = this.#deadlines[place] as Deadline;
      if (deadline.settled) continue;
      this.#deadlines[kept] = deadline;
      this.#times[kept++] = this.#times[place] as number;
    }
    this.#front = 0;
    this.#times.length = this.#deadlines.length = kept;
    this.#sweepAt = Math.max(leastSweepAt, kept * 2);
  }
}
