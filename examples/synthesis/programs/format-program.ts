import type { Hypothesis } from "./hypothesis.ts";
import { atomBody, atomText } from "./text-pieces.ts";
import type { Atom } from "./text-pieces.ts";

/** A piece of a formatted text: a token of the record, or a constant. */
export type Piece = Atom | string;

/** The text of all pieces in order. An atom counts two parts and its transform, a constant one a character. */
export function formatProgram(pieces: readonly Piece[]): Hypothesis {
  return {
    body: pieces.map((piece) => (typeof piece === "string" ? JSON.stringify(piece) : atomBody(piece))).join(" + "),
    size: pieces.reduce((total, piece) => total + sizeOf(piece), 0),
    run: ([record]) => {
      const texts = pieces.map((piece) => (typeof piece === "string" ? piece : atomText(piece, record)));
      return texts.includes(undefined) ? undefined : texts.join("");
    },
  };
}

function sizeOf(piece: Piece): number {
  return typeof piece === "string" ? piece.length : 2 + piece.transform.size;
}
