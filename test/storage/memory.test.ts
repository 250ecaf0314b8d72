import { describe, test } from "vitest";
import { memoryStore } from "#storage/memory";
import { fakeClock, storeContract } from "#testing";
import type { StoreHarness } from "#testing";

function harness(): StoreHarness {
  const clock = fakeClock();
  return { clock, open: async () => memoryStore({ clock }) };
}

describe("the store in memory", () => {
  for (const [claim, check] of Object.entries(storeContract)) test(claim, () => check(harness()));
});
