import { parentPort, workerData } from "node:worker_threads";
import { systemClock } from "../../clock.ts";
import { Guest } from "./guest.ts";
import type { Order } from "./wire.ts";

/** What the host gives the thread: where to count the turns of its event loop, and how often. */
export interface WorkerSetup {
  readonly pulse: Int32Array<SharedArrayBuffer>;
  readonly beatMs: number;
}

const { pulse, beatMs } = workerData as WorkerSetup;
const guest = new Guest((batch) => parentPort?.postMessage(batch));
parentPort?.on("message", (batch: readonly Order[]) => guest.receive(batch));
for (;;) {
  Atomics.add(pulse, 0, 1);
  await systemClock.sleep(beatMs);
}
