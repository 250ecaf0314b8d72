import type { Kysely, Transaction } from "kysely";
import type { Fence, LeaseResult, Leases } from "#foundation";
import { checkDuration, checkName } from "../rules/check-call.ts";
import { heldAt, leaseAfterAsking } from "../rules/write-decision.ts";
import type { LeaseState } from "../rules/write-decision.ts";
import type { Session } from "./session.ts";
import type { Tables } from "./tables.ts";

export function sqlLeases(session: Session): Leases {
  return {
    acquire: async (name, holder, ttlMs) => {
      checkName("name", name);
      checkName("holder", holder);
      checkDuration("ttlMs", ttlMs);
      // A renewal may be lost with the power: the lease then ends early. A new epoch may not: it could be given twice.
      const renewed = await session.write("relaxed", (trx) =>
        renew(trx, { name, holder, until: session.clock.now() + ttlMs }),
      );
      return renewed ?? session.write("full", (trx) => grant(trx, { name, holder, now: session.clock.now(), ttlMs }));
    },
    release: async (fence) => {
      await session.write("relaxed", (trx) =>
        trx
          .updateTable("leases")
          .set({ holder: null })
          .where("name", "=", fence.lease)
          .where("epoch", "=", fence.epoch)
          .execute(),
      );
    },
    look: async (name) => {
      checkName("name", name);
      return heldAt(await session.read((db) => leaseOf(db, name)), session.clock.now());
    },
  };
}

/** The lease that a fence speaks of, within the transaction of the write that it guards. */
export async function fencingLease(db: Kysely<Tables>, fence: Fence | undefined): Promise<LeaseState | undefined> {
  return fence === undefined ? undefined : leaseOf(db, fence.lease);
}

async function leaseOf(db: Kysely<Tables>, name: string): Promise<LeaseState | undefined> {
  return db
    .selectFrom("leases")
    .select(["epoch", "holder", "expires_at as expiresAt"])
    .where("name", "=", name)
    .executeTakeFirst();
}

async function renew(
  trx: Transaction<Tables>,
  { name, holder, until }: { readonly name: string; readonly holder: string; readonly until: number },
): Promise<LeaseResult | undefined> {
  const row = await trx
    .updateTable("leases")
    .set({ expires_at: until })
    .where("name", "=", name)
    .where("holder", "=", holder)
    .returning("epoch")
    .executeTakeFirst();
  return row && { ok: true, fence: { lease: name, epoch: row.epoch }, expiresAt: until };
}

async function grant(
  trx: Transaction<Tables>,
  asked: { readonly name: string; readonly holder: string; readonly now: number; readonly ttlMs: number },
): Promise<LeaseResult> {
  const { name } = asked;
  const lease = await leaseOf(trx, name);
  const next = leaseAfterAsking(lease, asked);
  if (next === undefined) return { ok: false, holder: lease?.holder ?? "", expiresAt: lease?.expiresAt ?? 0 };
  const row = { epoch: next.epoch, holder: next.holder, expires_at: next.expiresAt };
  await trx
    .insertInto("leases")
    .values({ name, ...row })
    .onConflict((conflict) => conflict.column("name").doUpdateSet(row))
    .execute();
  return { ok: true, fence: { lease: name, epoch: next.epoch }, expiresAt: next.expiresAt };
}
