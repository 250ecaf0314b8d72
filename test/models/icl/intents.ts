import { pick, seededRng } from "#foundation";
import type { Rng } from "#foundation";

/** A text and the kind of thing it asks for. */
export interface Case {
  readonly text: string;
  readonly kind: number;
}

const subjects: readonly (readonly string[])[] = [
  ["refund", "invoice", "charge", "payment", "receipt", "price", "discount", "fee", "bill", "tax"],
  ["crash", "error", "bug", "freeze", "glitch", "timeout", "failure", "exception", "outage", "lag"],
  ["password", "login", "profile", "username", "avatar", "signup", "settings", "nickname", "session", "token"],
  ["parcel", "courier", "shipping", "address", "delivery", "package", "tracking", "depot", "warehouse", "customs"],
  ["colour", "size", "fabric", "button", "sleeve", "zipper", "pattern", "lining", "collar", "pocket"],
  ["meeting", "calendar", "invite", "agenda", "schedule", "reminder", "slot", "booking", "appointment", "date"],
];
const openers = ["hello", "please", "well", "hi"];
const frames = ["this is about the X and the Y", "I have a X with a Y", "what is it with my X and the Y"];

/** The number of kinds. */
export const kindCount: number = subjects.length;

/** Opaque names for the kinds: they say nothing. */
export const opaqueLabels: readonly string[] = subjects.map((_, index) => `L${index}`);

/** Cases of every kind in turn; some mention a word of another kind. */
export function cases(seed: string, count: number): Case[] {
  const rng = seededRng(seed);
  return Array.from({ length: count }, (_, index) => oneCase(rng.fork(String(index)), index % kindCount));
}

function oneCase(rng: Rng, kind: number): Case {
  const own = subjects[kind] ?? [];
  const second = rng.next() < 0.25 ? pick(rng, subjects[Math.floor(rng.next() * kindCount)] ?? own) : pick(rng, own);
  const frame = pick(rng, frames).replace("X", pick(rng, own)).replace("Y", second);
  return { text: `${pick(rng, openers)}, ${frame}`, kind };
}
