import process from "node:process";
import { systemClock } from "../../clock.ts";
import { Guest } from "./guest.ts";
import type { Order } from "./wire.ts";

const beatMs = Number(process.argv[2]);
// Errors of the channel are the parent's end: the disconnection ends this process.
const guest = new Guest((batch) => process.send?.(batch, undefined, {}, () => {}));
process.on("message", (batch) => guest.receive(batch as readonly Order[]));
process.on("disconnect", () => process.exit());
for (;;) {
  guest.beat();
  await systemClock.sleep(beatMs);
}
