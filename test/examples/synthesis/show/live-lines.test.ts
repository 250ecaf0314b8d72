import { expect, test } from "vitest";
import type { LivePart, Served } from "../../../../examples/synthesis/live-part.ts";
import { liveLines } from "../../../../examples/synthesis/show/live-lines.ts";
import { synthesisTeam } from "../../../../examples/synthesis/synthesis-team.ts";

const served = (changes: Partial<Served>): Served => ({
  phase: "before",
  outcome: "answered",
  solved: true,
  by: "enumCoder",
  repeated: 0,
  ...changes,
});
const part: LivePart = {
  served: [served({}), served({ phase: "kill", outcome: "no program found", solved: false, by: undefined })],
  applied: undefined,
  killed: { coder: "enumCoder", restarts: 1 },
  children: { before: ["enumCoder", "tester"], after: ["enumCoder", "tester"] },
};

test("without actions there is nothing about them, and phases in which nobody asked are left out", () => {
  expect(liveLines(part)).toEqual([
    "Live: requests to         asked  answered  no program  failed  right",
    "the default team              1         1           0       0      1",
    "after a coder was killed      1         0           1       0      0",
    "2 requests, four at once; none was lost.",
    "enumCoder was killed; its supervisor started it again. Nobody was waiting for it.",
    "The supervisor had enumCoder, tester;",
    "it has enumCoder, tester.",
  ]);
});

test("each action is a line in words, agents' own variables are one; what was refused says why", () => {
  const error = { code: "invalid_configuration", message: "no such pattern" } as const;
  const results = [
    {
      action: {
        type: "reconfigure_supervisor",
        variable: "coders",
        from: ["enumCoder"],
        to: ["polyCoder", "listCoder"],
      },
      outcome: "applied",
    },
    {
      action: { type: "change_topology", variable: "net", from: { pattern: "chain" }, to: { pattern: "ring" } },
      outcome: "refused",
      error,
    },
    {
      action: {
        type: "reallocate",
        variable: "operations",
        from: { total: 20_000 },
        to: { total: 40_000, polyCoder: 0.2, listCoder: 0.7 },
      },
      outcome: "applied",
    },
    { action: { type: "adjust_parameters", agent: "polyCoder", to: { k: 3 } }, outcome: "applied" },
    { action: { type: "adjust_parameters", agent: "listCoder", to: { k: 1 } }, outcome: "applied" },
  ] as const;
  const lines = liveLines({ ...part, applied: { ok: true, team: synthesisTeam(), results, tookMs: 123.4 } });
  expect(lines.slice(4, 9)).toEqual([
    "4 of 5 actions applied in 123 ms, under load:",
    "  coders: polyCoder, listCoder instead of enumCoder",
    "  net: pattern ring instead of chain (refused: no such pattern)",
    "  operations: total 40,000 instead of 20,000, 2 shares",
    "  own variables of polyCoder, listCoder",
  ]);
});

test("who was waiting for the killed coder is told, and who answered in the end", () => {
  const hit = [
    served({ phase: "after", repeated: 1 }),
    served({ phase: "kill", repeated: 2 }),
    served({ phase: "kill", repeated: 1, outcome: "no program found", by: undefined }),
  ];
  const lines = liveLines({ ...part, served: [...part.served, ...hit] });
  expect(lines).toContain(
    "enumCoder was killed; its supervisor started it again. 4 calls were made again; of their requests, enumCoder answered 2, nobody answered 1.",
  );
});
