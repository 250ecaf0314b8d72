import type { ClaimedTask, Json, WorkQueue } from "#foundation";
import { checkCount, checkDuration, checkName, jsonText } from "../rules/check-call.ts";
import type { MemoryState } from "./memory-store.ts";

interface Task {
  readonly queue: string;
  readonly text: string;
  delivery: number;
  heldUntil: number;
}

export function memoryQueue({ clock, lifetime }: MemoryState): WorkQueue {
  // A map keeps the order of insertion: oldest first.
  const tasks = new Map<string, Task>();
  let enqueued = 0;

  const held = ({ queue, id, delivery }: ClaimedTask): Task | undefined => {
    const task = tasks.get(id);
    return task?.queue === queue && task.delivery === delivery ? task : undefined;
  };

  return {
    enqueue: async (queue, payloads) => {
      checkName("queue", queue);
      const texts = payloads.map((payload, index) => jsonText(`payloads[${index}]`, payload));
      lifetime.assertOpen();
      return texts.map((text) => {
        const id = String(++enqueued);
        tasks.set(id, { queue, text, delivery: 0, heldUntil: -Infinity });
        return id;
      });
    },
    claim: async (queue, worker, { limit, leaseMs }) => {
      checkName("queue", queue);
      checkName("worker", worker);
      checkCount("limit", limit);
      checkDuration("leaseMs", leaseMs);
      lifetime.assertOpen();
      const now = clock.now();
      const free = tasks.entries().filter(([, task]) => task.queue === queue && task.heldUntil <= now);
      return Array.from(free.take(limit), ([id, task]) => {
        task.delivery++;
        task.heldUntil = now + leaseMs;
        return { queue, id, payload: JSON.parse(task.text) as Json, delivery: task.delivery };
      });
    },
    heartbeat: async (claimed, leaseMs) => {
      checkDuration("leaseMs", leaseMs);
      lifetime.assertOpen();
      const task = held(claimed);
      if (task === undefined) return false;
      task.heldUntil = clock.now() + leaseMs;
      return true;
    },
    complete: async (claimed) => {
      lifetime.assertOpen();
      return held(claimed) !== undefined && tasks.delete(claimed.id);
    },
  };
}
