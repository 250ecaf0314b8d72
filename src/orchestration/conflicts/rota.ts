import type { Json } from "#foundation";
import type { Wish } from "./conflict.ts";

/** A turn in which one agent's value holds. */
export type Slot = {
  readonly agent: string;
  readonly value: Json;
  /** Milliseconds since the epoch, the end excluded. */
  readonly startMs: number;
  readonly endMs: number;
  /** Whether it is the one that holds when the rota is made: the first. */
  readonly active: boolean;
};

/** Who has its way when: a slot for each, one after the other, then the first again. Plain JSON. */
export type Rota = { readonly slotMs: number; readonly slots: readonly Slot[] };

/** Ten minutes. */
export const defaultSlotMs = 600_000;

/** A slot of `slotMs` for each wish, in their order, from `at` on. */
export function rota(wishes: readonly Wish[], { at, slotMs = defaultSlotMs }: RotaOptions): Rota {
  const slots = wishes.map(({ agent, value }, index) => ({
    agent,
    value,
    startMs: at + index * slotMs,
    endMs: at + (index + 1) * slotMs,
    active: index === 0,
  }));
  return { slotMs, slots };
}

export interface RotaOptions {
  readonly at: number;
  readonly slotMs?: number;
}

/** Whose turn it is at a time: the rota goes round. `undefined` before its first slot, and without slots. */
export function slotAt({ slots, slotMs }: Rota, at: number): Slot | undefined {
  const [first] = slots;
  if (first === undefined || at < first.startMs) return undefined;
  return slots[Math.floor((at - first.startMs) / slotMs) % slots.length];
}
