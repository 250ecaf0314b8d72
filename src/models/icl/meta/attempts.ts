import { isPlainObject } from "#foundation";
import type { Json } from "#foundation";
import { listIn, nameKey } from "./material.ts";

/** An instruction that was tried, with its score where the prompt has one. */
export interface Attempt {
  readonly instruction: string;
  readonly score: number | undefined;
}

/**
 * The attempts that a text lists: JSON records with `instruction` and `score`, COPRO's "Instruction #1: …" and
 * "Resulting Score #1: …", MIPRO's "… | Score: 12.5", or a plain list of instructions.
 */
export function readAttempts(text: string): Attempt[] {
  const listed = listIn(text);
  const numbered = [
    ...text.matchAll(
      /Instruction #(\d+): ([\s\S]*?)(?=\n?»?\n?(?:\[\d+\] «)?(?:Prefix #|Resulting Score #|Instruction #)|»\n|$)/g,
    ),
  ];
  if (numbered.length > 0)
    return numbered.map(([, number = "", instruction = ""]) => {
      const score = new RegExp(`Resulting Score #${number}: (-?[\\d.]+)`).exec(text)?.[1];
      return {
        instruction: instruction.replace(/»\s*$/, "").trim(),
        score: score === undefined ? undefined : Number(score),
      };
    });
  if (listed !== undefined) return listed.flatMap(attemptOf);
  const scored = [...text.matchAll(/([\s\S]+?) \| Score: (-?[\d.]+)\s*/g)];
  return scored.map(([, instruction = "", score]) => ({ instruction: instruction.trim(), score: Number(score) }));
}

/** The attempt with the highest score; the later one of equals. */
export function bestAttempt(attempts: readonly Attempt[]): Attempt | undefined {
  const scored = attempts.filter(({ score }) => score !== undefined);
  return scored.toSorted((a, b) => (b.score ?? 0) - (a.score ?? 0) || scored.indexOf(b) - scored.indexOf(a))[0];
}

const instructionKeys = new Set(["instruction", "instructions", "text", "prompt", "value", "candidate"]);
const scoreKeys = new Set(["score", "value", "meanscore", "result"]);

function attemptOf(item: Json): Attempt[] {
  if (typeof item === "string") return readScored(item);
  if (!isPlainObject(item)) return [];
  const entries = Object.entries(item as Readonly<Record<string, Json>>);
  const instruction = entries.find(
    ([name, value]) => instructionKeys.has(nameKey(name)) && typeof value === "string",
  )?.[1];
  const score = entries.find(([name, value]) => scoreKeys.has(nameKey(name)) && typeof value === "number")?.[1];
  return typeof instruction === "string" ? [{ instruction, score: typeof score === "number" ? score : undefined }] : [];
}

function readScored(text: string): Attempt[] {
  const found = readAttempts(text);
  return found.length > 0 ? found : [{ instruction: text, score: undefined }];
}
