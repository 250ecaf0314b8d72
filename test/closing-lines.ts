import type { Reporter, TestModule } from "vitest/node";

/** The last lines of a test run: every test that was skipped, by name, and the counts. A skip nobody sees is a gap. */
export const closingLines: Reporter = {
  onTestRunEnd(modules) {
    const count = (state: "passed" | "failed" | "skipped"): number => names(modules, state).length;
    const skipped = names(modules, "skipped");
    if (skipped.length > 0) console.log(["skipped:", ...skipped.map((name) => `  ${name}`)].join("\n"));
    console.log(`tests: ${count("passed")} passed, ${count("failed")} failed, ${count("skipped")} skipped`);
  },
};

function names(modules: readonly TestModule[], state: "passed" | "failed" | "skipped"): string[] {
  return modules.flatMap((module) => [...module.children.allTests(state)].map(({ fullName }) => fullName));
}
