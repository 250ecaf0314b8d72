import { createHash } from "node:crypto";
import { canonicalJson } from "#foundation";

/** A bid that can be shown later to be the one that was made. */
export interface CommittedBid {
  readonly auction: string;
  readonly bidder: string;
  readonly amount: number;
  /** Chance that nobody else knows, at least 128 bits: amounts are few enough to be tried. */
  readonly nonce: string;
}

/** SHA-256 of the bid's canonical JSON, in hex. It names the auction and the bidder, so that nobody can use another's. */
export function bidCommitment({ auction, bidder, amount, nonce }: CommittedBid): string {
  return createHash("sha256").update(canonicalJson({ auction, bidder, amount, nonce })).digest("hex");
}
