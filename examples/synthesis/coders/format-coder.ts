import { errorsOf } from "./candidate.ts";
import { formatProgram } from "../programs/format-program.ts";
import type { Piece } from "../programs/format-program.ts";
import { atomText, tokenPatterns, transforms } from "../programs/text-pieces.ts";
import type { Atom } from "../programs/text-pieces.ts";
import type { Task } from "../tasks/task.ts";
import type { Coder } from "./coder.ts";
import { numberParameter } from "./parameter.ts";
import { priorityQueue } from "./priority-queue.ts";
import type { PriorityQueue } from "./priority-queue.ts";
import { shortlist } from "./shortlist.ts";
import type { Shortlist } from "./shortlist.ts";

/**
 * Joins tokens of the record with constants: first the tokens' texts, then a uniform-cost search over the positions
 * reached in all outputs at once (after FlashFill: Gulwani 2011). `constPenalty` is the price of a constant character
 * where a token costs 1.
 */
export const formatCoder: Coder = (task, { budget, parameters }) => {
  const k = numberParameter("formatCoder", { parameters, name: "k" });
  const constPenalty = numberParameter("formatCoder", { parameters, name: "constPenalty" });
  const found = shortlist(task, { coder: "formatCoder", budget, k });
  if (task.train.every(({ input, output }) => typeof input[0] === "string" && typeof output === "string")) {
    const atoms = atomsOf(task, found);
    for (const rows of viewsOf(task, found)) {
      if (!found.isDone(0)) assemble(task, found, { atoms, rows, constPenalty, k });
    }
  }
  return found.result();
};

/** All pairs; then, where an error is tolerated, all but one. */
function viewsOf({ train }: Task, { tolerance }: Shortlist): readonly (readonly number[])[] {
  const all = [...train.keys()];
  return tolerance === 0 ? [all] : [all, ...all.map((left) => all.filter((row) => row !== left))];
}

/** An atom with its text in every visible record. */
interface SeenAtom {
  readonly atom: Atom;
  readonly texts: readonly string[];
  readonly price: number;
}

/** Tokens that every visible record has, the first of those with equal texts. */
function atomsOf({ train }: Task, found: Shortlist): readonly SeenAtom[] {
  const seen = new Map<string, SeenAtom>();
  for (const transform of transforms) {
    for (const pattern of tokenPatterns) {
      for (const index of [0, 1, 2, 3, -1, -2]) {
        if (!found.spend()) return [...seen.values()];
        const atom = { pattern, index, transform };
        const texts = train.map(({ input }) => atomText(atom, input[0]) ?? "");
        if (texts.includes("") || seen.has(texts.join("\n"))) continue;
        seen.set(texts.join("\n"), { atom, texts, price: 1 + 0.2 * transform.size });
      }
    }
  }
  return [...seen.values()];
}

interface Assembly {
  readonly atoms: readonly SeenAtom[];
  /** The visible pairs that must come out right. */
  readonly rows: readonly number[];
  readonly constPenalty: number;
  readonly k: number;
}

/** Where the search stands: how much of every output is written, and with which pieces. */
interface Draft {
  readonly positions: readonly number[];
  readonly cost: number;
  readonly piece?: Piece;
  readonly before?: Draft;
}

/** The cheapest ways to write the outputs of `rows` from the front. */
function assemble(task: Task, found: Shortlist, assembly: Assembly): void {
  const outputs = assembly.rows.map((row) => String(task.train[row]?.output));
  const visits = new Map<string, number>();
  const open = priorityQueue<Draft>();
  let finished = 0;
  open.push({ positions: outputs.map(() => 0), cost: 0 }, 0);
  for (let draft = open.pop(); draft !== undefined && finished < assembly.k && !found.isDone(0); draft = open.pop()) {
    const key = draft.positions.join();
    const visit = (visits.get(key) ?? 0) + 1;
    if (visit > assembly.k) continue;
    visits.set(key, visit);
    if (draft.positions.every((position, index) => position === outputs[index]?.length)) {
      const hypothesis = formatProgram(piecesOf(draft));
      found.offer(hypothesis, errorsOf(task, hypothesis.run));
      finished += 1;
    } else if (!extend(draft, { outputs, assembly, open, found })) return;
  }
}

interface Table {
  readonly outputs: readonly string[];
  readonly assembly: Assembly;
  readonly open: PriorityQueue<Draft>;
  readonly found: Shortlist;
}

/** Puts every draft with one more piece into the queue; false when the budget ends. */
function extend(draft: Draft, { outputs, assembly, open, found }: Table): boolean {
  const { positions, cost } = draft;
  for (const { atom, texts, price } of assembly.atoms) {
    if (!found.spend()) return false;
    const next = advance(positions, { outputs, texts, rows: assembly.rows });
    if (next !== undefined)
      open.push({ positions: next, cost: cost + price, piece: atom, before: draft }, cost + price);
  }
  if (!found.spend()) return false;
  const character = outputs[0]?.[positions[0] ?? 0];
  if (character === undefined || outputs.some((output, index) => output[positions[index] ?? 0] !== character))
    return true;
  const price = cost + assembly.constPenalty;
  const next = positions.map((position) => position + 1);
  open.push({ positions: next, cost: price, piece: character, before: draft }, price);
  return true;
}

interface Step {
  readonly outputs: readonly string[];
  readonly texts: readonly string[];
  readonly rows: readonly number[];
}

/** The positions behind this text, or `undefined` when some output does not go on with it. */
function advance(positions: readonly number[], { outputs, texts, rows }: Step): readonly number[] | undefined {
  for (let index = 0; index < rows.length; index++) {
    if (!(outputs[index] as string).startsWith(texts[rows[index] as number] as string, positions[index]))
      return undefined;
  }
  return positions.map((position, index) => position + (texts[rows[index] as number] as string).length);
}

/** The pieces of a draft in order, with neighbouring constants made one. */
function piecesOf(draft: Draft): readonly Piece[] {
  const pieces: Piece[] = [];
  for (let at: Draft | undefined = draft; at?.piece !== undefined; at = at.before) {
    const next = pieces[0];
    if (typeof at.piece === "string" && typeof next === "string") pieces[0] = at.piece + next;
    else pieces.unshift(at.piece);
  }
  return pieces;
}
