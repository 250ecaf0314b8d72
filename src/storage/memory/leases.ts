import type { Leases } from "#foundation";
import { checkDuration, checkName } from "../rules/check-call.ts";
import { heldAt, isFenceValid, leaseAfterAsking } from "../rules/write-decision.ts";
import type { LeaseState } from "../rules/write-decision.ts";
import type { MemoryState } from "./memory-store.ts";

export type LeaseTable = Map<string, LeaseState>;

export function memoryLeases({ clock, lifetime, leases }: MemoryState): Leases {
  return {
    acquire: async (name, holder, ttlMs) => {
      checkName("name", name);
      checkName("holder", holder);
      checkDuration("ttlMs", ttlMs);
      lifetime.assertOpen();
      const lease = leases.get(name);
      const next = leaseAfterAsking(lease, { holder, now: clock.now(), ttlMs });
      if (next === undefined) return { ok: false, holder: lease?.holder ?? "", expiresAt: lease?.expiresAt ?? 0 };
      leases.set(name, next);
      return { ok: true, fence: { lease: name, epoch: next.epoch }, expiresAt: next.expiresAt };
    },
    release: async (fence) => {
      lifetime.assertOpen();
      const lease = leases.get(fence.lease);
      if (lease !== undefined && isFenceValid(lease, fence)) leases.set(fence.lease, { ...lease, holder: null });
    },
    look: async (name) => {
      checkName("name", name);
      lifetime.assertOpen();
      return heldAt(leases.get(name), clock.now());
    },
  };
}
