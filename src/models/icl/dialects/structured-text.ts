/** A stretch of an answer. */
export interface Piece {
  readonly text: string;
  /** For a structural token: how it comes out when it goes wrong. */
  readonly slipped?: string;
}

/** An answer in pieces, so that errors of form can happen where form is written. */
export type StructuredText = readonly Piece[];
