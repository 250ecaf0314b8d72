import { canonicalJson, isPlainObject } from "#foundation";
import type { Json, JsonObject } from "#foundation";
import { digestOf } from "../seal.ts";
import type { Seal, Signed } from "../seal.ts";
import { anything, list, literal, nullable, record, text, whole } from "../shape.ts";
import type { Shape } from "../shape.ts";

/** What somebody wants in the chain. Nonces of one author go from 1 without a gap: nothing gets in twice. */
export type Transaction = Signed<{ readonly kind: "transaction"; readonly nonce: number; readonly data: Json }>;

export type Block = {
  readonly height: number;
  /** The round at this height in which it was its proposer's turn. */
  readonly round: number;
  readonly prevHash: string;
  readonly proposer: string;
  readonly payload: readonly Transaction[];
  readonly sig: string;
};

type Vote<Kind extends string> = Signed<{
  readonly kind: Kind;
  readonly height: number;
  readonly round: number;
  /** Of the block, or nothing. */
  readonly hash: string | null;
}>;

export type Prevote = Vote<"prevote">;
export type Precommit = Vote<"precommit">;

/** A final block: a quorum has signed that it is. */
export type Link = { readonly block: Block; readonly certificate: readonly Precommit[] };

export type ChainProposal = Signed<{
  readonly kind: "proposal";
  readonly height: number;
  readonly round: number;
  readonly block: Block;
  /** A quorum's prevotes for this block in an earlier round; none when it is the proposer's own. */
  readonly proof: readonly Prevote[];
}>;

export type ChainMessage =
  | Transaction
  | ChainProposal
  | Prevote
  | Precommit
  | { readonly kind: "height"; readonly height: number }
  | { readonly kind: "links"; readonly links: readonly Link[] };

/** Two blocks of one proposer at one height. Whoever honours its turn signs one. */
export type Equivocation = { readonly first: Block; readonly second: Block };

/** SHA-256 of the whole block, its signature too, in canonical JSON. */
export function blockHash(block: Block): string {
  return digestOf(block);
}

export function signedBlock(seal: Seal, body: Omit<Block, "sig">): Block {
  return { ...body, sig: seal.sign(body.proposer, blockText(body)) };
}

export function isAuthenticBlock(seal: Seal, { sig, ...body }: Block): boolean {
  return seal.verify(body.proposer, blockText(body), sig);
}

function blockText(body: Omit<Block, "sig">): string {
  return canonicalJson({ kind: "block", ...(body as JsonObject) });
}

/** Whether it proves that the proposer has signed two blocks at one height. */
export function isEquivocation(seal: Seal, { first, second }: Equivocation): boolean {
  return (
    first.proposer === second.proposer &&
    first.height === second.height &&
    blockHash(first) !== blockHash(second) &&
    isAuthenticBlock(seal, first) &&
    isAuthenticBlock(seal, second)
  );
}

/** What was sent as a message, or `undefined` when it has not the form of one. */
export function readChainMessage(value: Json): ChainMessage | undefined {
  const kind = isPlainObject(value) ? value["kind"] : undefined;
  if (typeof kind !== "string" || !Object.hasOwn(shapes, kind)) return undefined;
  return shapes[kind]?.(value) === true ? (value as ChainMessage) : undefined;
}

/** Whether a value that was stored has the form of a link. Says nothing of its truth. */
export function isLinkShaped(value: unknown): value is Link {
  return link(value);
}

const said = { by: text, sig: text };
const transaction = record({ ...said, kind: literal("transaction"), nonce: whole, data: anything });
const vote = (kind: string): Shape =>
  record({ ...said, kind: literal(kind), height: whole, round: whole, hash: nullable(text) });
const block = record({
  height: whole,
  round: whole,
  prevHash: text,
  proposer: text,
  payload: list(transaction),
  sig: text,
});
const link = record({ block, certificate: list(vote("precommit")) });

const shapes: Readonly<Record<string, Shape>> = {
  transaction,
  proposal: record({ ...said, height: whole, round: whole, block, proof: list(vote("prevote")) }),
  prevote: vote("prevote"),
  precommit: vote("precommit"),
  height: record({ height: whole }),
  links: record({ links: list(link) }),
};
