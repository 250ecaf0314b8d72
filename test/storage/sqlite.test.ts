import { describe, test } from "vitest";
import { sqliteStore } from "#storage/sqlite";
import { fakeClock, sharedStoreContract, storeContract } from "#testing";
import type { SharedStoreHarness } from "#testing";
import { temporaryDirectory } from "./temporary-directory.ts";

function harness(): SharedStoreHarness {
  const clock = fakeClock();
  const path = `${temporaryDirectory()}/deep/er/tutti.db`;
  const open = (): ReturnType<typeof sqliteStore> => sqliteStore({ path, clock });
  return { clock, open, openAgain: open };
}

describe("the store in a SQLite file", () => {
  for (const [claim, check] of Object.entries({ ...storeContract, ...sharedStoreContract }))
    test(claim, () => check(harness()));
});
