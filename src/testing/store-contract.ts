import type { Contract } from "./contract.ts";
import { documentClaims } from "./store/document-claims.ts";
import type { SharedStoreHarness, StoreHarness } from "./store/harness.ts";
import { leaseClaims } from "./store/lease-claims.ts";
import { lifetimeClaims } from "./store/lifetime-claims.ts";
import { cacheClaims, logClaims } from "./store/log-claims.ts";
import { queueClaims } from "./store/queue-claims.ts";
import { sharedClaims } from "./store/shared-claims.ts";
import { watchClaims } from "./store/watch-claims.ts";

/** What every Store must do. Each claim wants a harness of its own. */
export const storeContract: Contract<StoreHarness> = {
  ...documentClaims,
  ...logClaims,
  ...cacheClaims,
  ...leaseClaims,
  ...queueClaims,
  ...watchClaims,
  ...lifetimeClaims,
};

/** What a Store must do besides when several handles, in one process or in many, share its data. */
export const sharedStoreContract: Contract<SharedStoreHarness> = sharedClaims;
