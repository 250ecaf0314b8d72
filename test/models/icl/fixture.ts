import { readFileSync } from "node:fs";
import type { Message } from "#programs";

/** The messages of a prompt in `fixtures/`: `@@ role` lines, each with its content below. */
export function fixture(name: string): Message[] {
  const text = readFileSync(new URL(`fixtures/${name}.txt`, import.meta.url), "utf8");
  const parts = text.split(/^@@ (system|user|assistant)\n/m);
  const messages: Message[] = [];
  for (let index = 1; index < parts.length; index += 2)
    messages.push({ role: parts[index] as Message["role"], content: (parts[index + 1] ?? "").replace(/\n$/, "") });
  return messages;
}
