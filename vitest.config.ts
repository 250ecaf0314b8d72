import { defineConfig } from "vitest/config";
import type { ViteUserConfig } from "vitest/config";
import { closingLines } from "./test/closing-lines.ts";

const conditions = ["tutti-source", "node", "import", "default"];

const config: ViteUserConfig = defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ["test/**/*.test.ts"],
    reporters: ["default", closingLines],
    testTimeout: 20_000,
    // Child processes and SQLite files: two files at a time are what two cores carry.
    maxWorkers: 2,
  },
});

export default config;
