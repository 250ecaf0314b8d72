import type { Change } from "#foundation";
import { Bell } from "../rules/bell.ts";

type Unnumbered<C> = C extends Change ? Omit<C, "sequence"> : never;

/** Every change since the beginning; a change's place is its sequence. */
export class ChangeFeed {
  readonly bell: Bell = new Bell();
  readonly #changes: Change[] = [];

  get position(): number {
    return this.#changes.length;
  }

  add(change: Unnumbered<Change>): void {
    this.#changes.push(Object.freeze({ ...change, sequence: this.#changes.length + 1 }));
    this.bell.ring();
  }

  after(position: number): readonly Change[] {
    return this.#changes.slice(position, position + 1_000);
  }
}
