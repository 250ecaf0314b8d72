import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

/** A customer's question with its intent; `s` is the split that the data's authors made. */
export interface BankingRow {
  readonly x: string;
  readonly y: string;
  readonly s: "train" | "test";
}

/** Twelve intents that are easily taken for each other; the offline model's weights were chosen while these were looked at. */
export const confusableIntents: readonly string[] = ["card_arrival", "card_delivery_estimate", "activate_my_card", "lost_or_stolen_card", "card_not_working", "declined_card_payment", "pending_card_payment", "card_payment_fee_charged", "transfer_fee_charged", "pending_transfer", "failed_transfer", "cancel_transfer"]; // prettier-ignore

/** These twelve nobody looked at. */
export const freshIntents: readonly string[] = ["beneficiary_not_allowed", "change_pin", "exchange_rate", "exchange_charge", "get_physical_card", "passcode_forgotten", "pin_blocked", "top_up_failed", "top_up_limits", "verify_my_identity", "wrong_amount_of_cash_received", "request_refund"]; // prettier-ignore

const file = new URL("../../../shared/data/text/banking77.jsonl.gz", import.meta.url);

/** The questions of these intents; `undefined` where the data does not lie beside the repository. */
export function readBanking77(intents: readonly string[]): readonly BankingRow[] | undefined {
  if (!existsSync(file)) return undefined;
  return gunzipSync(readFileSync(file))
    .toString("utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as BankingRow)
    .filter(({ y }) => intents.includes(y));
}
