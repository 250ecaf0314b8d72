import { describe, expect, test } from "vitest";
import { runReport } from "#optimize";
import type { RunReport } from "#optimize";
import { float, space, text } from "#variables";
import { markup, markupText } from "../../../src/cli/reports/page/markup.ts";
import { runPage } from "../../../src/cli/reports/page/run-page.ts";
import { printable } from "../../../src/cli/reports/printable.ts";
import { runReportText } from "../../../src/cli/reports/run-report-text.ts";
import { all, logOf, storedRun } from "../../optimize/reports/stored-run.ts";

const attacks = [
  "<script>alert(1)</script>",
  '"><img src=x onerror=alert(1)>',
  "'><svg/onload=alert(1)>",
  "</style></title></textarea><iframe src=//evil.example>",
  "]]><!-- --><style>@import url(//evil.example)</style>",
  "&lt;b&gt; \u0000\u001B]0;owned\u0007\u001B[31m \uD800",
];
const attack = attacks.join(" ");

/** A run in which every text that somebody else wrote is hostile. */
function hostile(): RunReport {
  const odd = `odd.${attack}`;
  const record = storedRun({
    space: space([text("predict.instructions"), float("predict.temperature", { min: 0, max: 1 })]),
    baseline: { "predict.instructions": "Route the ticket.", [odd]: attack },
    model: attack,
    seed: attack,
    teleprompter: { name: attack, options: { note: attack } },
  });
  const steps = Array.from({ length: 12 }, (_, at) => ({
    id: `w${at}`,
    purpose: `${attack} ${at}`,
    configuration: { "predict.instructions": `${attack} ${at}`, "predict.temperature": at / 12, [odd]: attack + at },
    scores: all(at / 16),
  }));
  const failure = {
    ok: false,
    failure: "candidate",
    index: 0,
    message: attack,
    usage: { calls: 1, inputTokens: 0, outputTokens: 0, usd: 0 },
  };
  const log = logOf([{ id: "baseline", configuration: record.baseline, scores: all(0.25) }, ...steps]);
  const broken = JSON.parse(JSON.stringify(log)) as { type: string; work: string; result: { index: number } }[];
  const at = broken.findIndex(({ type }) => type === "example");
  broken[at] = { ...(broken[at] as { type: string; work: string }), result: failure };
  const program = { ...record.program, name: attack };
  return runReport({ ...record, program }, broken as unknown as typeof log);
}

const allowed = (
  "!doctype html head meta title style body main h1 h2 h3 p code div b span section figure ul li i details summary table " +
  "thead tbody tr th td dl dt dd svg line text circle path rect ins del"
).split(" ");

describe("the page", () => {
  test("escapes texts in attributes as between tags", () => {
    const text = markupText(markup`<i title="${attack}">${attack}</i>`);
    expect(text).toMatch(/^<i title="[^<>"']*">[^<>"']*<\/i>$/);
    expect(markupText(markup`${[markup`<b>${1}</b>`, "<", undefined, null]}`)).toBe("<b>1</b>&lt;");
  });

  test("shows hostile texts and obeys none", () => {
    const page = runPage(hostile());
    const tags = [...page.matchAll(/<\/?([^\s>/]+)([^>]*)/g)];
    const names = new Set(tags.map(([, name = ""]) => name.toLowerCase()));
    expect([...names].filter((name) => !allowed.includes(name))).toEqual([]);
    const attributes = tags.map(([, , rest = ""]) => rest.replaceAll(/"[^"]*"/g, '""')).join(" ");
    expect(attributes).not.toMatch(/[<>']|\bon\w+\s*=|\b(?:src|href|srcdoc|action)\s*=/i);
    expect(page.match(/<style>/g)).toHaveLength(1);
    expect(page).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
    expect(page).toContain("&amp;lt;b&amp;gt;");
    // oxlint-disable-next-line no-control-regex
    expect(page).not.toMatch(/[\u0000-\u0008\u000B-\u001F\u007F]/);
    expect(page.isWellFormed()).toBe(true);
  });

  test("forbids itself to load or run anything, and names no address", () => {
    const page = runPage(hostile());
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    const style = /<style>([^]*?)<\/style>/.exec(page)?.[1] ?? "";
    expect(style).not.toMatch(/url\(|@import|https?:/);
  });

  test("has every picture as a table too", () => {
    const page = runPage(hostile());
    const pictures = [...page.matchAll(/<h2>([^<]*)<\/h2>/g)].map(([, title]) => title);
    expect(pictures).toEqual(expect.arrayContaining(["The way there", "Variable by variable", "Every candidate"]));
    expect(page.match(/<summary>As a table<\/summary>/g)).toHaveLength(2);
    // The curve in figures: a row for each of the thirteen measurements.
    const history = page.slice(page.indexOf("best so far</th>"), page.indexOf("What changed"));
    expect(history.match(/<tr>/g)).toHaveLength(13);
  });

  test("has numbers and no holes, for a run of one candidate as for many", () => {
    const one = runReport(storedRun(), logOf([{ id: "b", configuration: {}, scores: [0.5] }]));
    for (const page of [runPage(one), runPage(hostile())]) expect(page).not.toMatch(/NaN|undefined|Infinity|\[object/);
    expect(runPage(one)).toContain("The run has not ended (running)");
  });

  test("marks what was added to a prompt and what was removed", () => {
    const record = storedRun();
    const steps = [
      { id: "b", configuration: record.baseline, scores: all(0.25) },
      { id: "x", configuration: { ...record.baseline, "predict.instructions": "Route each ticket." }, scores: all(1) },
    ];
    const page = runPage(runReport(record, logOf(steps)));
    expect(page).toContain("Route <del>the</del><ins>each</ins> ticket.");
  });
});

describe("the report in a terminal", () => {
  const lines = (width?: number): string[] =>
    runReportText(printable(hostile()), { width, bold: (title) => title }).flatMap((line) => line.split("\n"));

  test("has no control characters of others", () => {
    // oxlint-disable-next-line no-control-regex
    expect(lines().join("\n")).not.toMatch(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/);
  });

  test("lists candidates within the terminal's width, and in full where there is none", () => {
    const table = (width?: number): string[] => {
      const text = lines(width);
      return text.slice(text.findIndex((line) => line.startsWith("Every candidate")) + 1, text.indexOf("* found best"));
    };
    for (const width of [60, 80, 120, 200]) {
      const longest = Math.max(...table(width).map((line) => line.length));
      expect(longest).toBeLessThanOrEqual(width);
    }
    expect(table(60)[0]).not.toContain("INTERVAL");
    expect(table()[0]).toContain("AGAINST THE BASELINE");
  });
});
