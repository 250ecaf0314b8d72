import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sqliteStore } from "#storage/sqlite";
import { readRecord } from "#optimize";
import { events, ticketLines, triageFile, workplace } from "./workplace.ts";
import type { Workplace } from "./workplace.ts";

/** A place with a finished run. */
async function placeWithRun(): Promise<{ readonly place: Workplace; readonly run: string }> {
  const place = workplace();
  place.write("triage.ts", triageFile);
  place.write("train.jsonl", ticketLines(24));
  const words = "optimize triage.ts --train train.jsonl --seed 1 --teleprompter random-search:candidates=2 --json";
  const ended = await place.tutti(words.split(" "));
  return { place, run: String(events(ended.stdout)[0]?.["run"]) };
}

test("tutti runs report tells a run as text, as JSON and as a page", async () => {
  const { place, run } = await placeWithRun();
  const file = join(place.path, "report.html");
  const [text, json, page] = await Promise.all([
    place.tutti(["runs", "report", run]),
    place.tutti(["runs", "report", run, "--json"]),
    place.tutti(["runs", "report", run, "-o", "report.html"]),
  ]);
  expect(text.code).toBe(0);
  for (const title of ["The way there", "What changed", "What matters", "Every candidate, best first", "What it cost"])
    expect(text.stdout).toContain(`\n${title}\n`);
  expect(text.stdout + text.stderr).not.toContain("\u001B");
  const [line] = events(json.stdout);
  expect(events(json.stdout)).toHaveLength(1);
  expect(line).toMatchObject({ type: "result", report: { schema: 1, run: { id: run }, status: "completed" } });
  expect(line).toMatchObject({ report: { candidates: [{ number: 0 }, { number: 1 }, { number: 2 }] } });
  expect(page).toMatchObject({ code: 0, stdout: `The report of run ${run} is in ${file}\n` });
  const html = readFileSync(file, "utf8");
  expect(html).toMatch(/^<!doctype html>/);
  expect(html).toContain(run);

  const [again, forced] = [
    await place.tutti(["runs", "report", run, "-o", "report.html"]),
    await place.tutti(["runs", "report", run, "-o", "report.html", "--force", "--json"]),
  ];
  expect(again.code).toBe(2);
  expect(again.stderr).toContain(`-o: ${file} exists; --force writes over it`);
  expect(events(forced.stdout)).toMatchObject([{ type: "result", file }]);
}, 60_000);

test("tutti runs report says what is wrong, and writes nothing then", async () => {
  const { place, run } = await placeWithRun();
  {
    await using store = await sqliteStore({ path: join(place.path, ".tutti", "tutti.db") });
    const record = await readRecord(store, run);
    const { report: _, ...begun } = JSON.parse(JSON.stringify(record)) as Record<string, never>;
    await store.documents.put("run", "run_begun", { ...begun, id: "run_begun" });
    await store.documents.put("run", "run_newer", { ...begun, id: "run_newer", schema: 2 });
  }
  const report = (...words: string[]): ReturnType<Workplace["tutti"]> => place.tutti(["runs", "report", ...words]);
  const [unknown, begun, newer, folder, isFolder, name] = await Promise.all([
    report("run_nope", "-o", "a.html"),
    report("run_begun", "-o", "a.html"),
    report("run_newer", "-o", "a.html"),
    report(run, "-o", "nowhere/a.html"),
    report(run, "-o", "node_modules"),
    report(run, "-o", "a.json"),
  ]);
  expect([unknown.code, begun.code, newer.code, folder.code, isFolder.code, name.code]).toEqual([2, 1, 1, 2, 2, 2]);
  expect(unknown.stderr).toContain("there is no run run_nope in");
  expect(begun.stderr).toMatch(/run run_begun has measured no candidate yet.*runs show run_begun/);
  expect(newer.stderr).toContain("run run_newer is stored in form 2, which is newer than 1");
  expect(folder.stderr).toContain(`there is no folder ${join(place.path, "nowhere")}`);
  expect(isFolder.stderr).toContain("expected a file that ends in .html");
  expect(name.stderr).toContain("--json prints the report as JSON");
  expect(existsSync(join(place.path, "a.html"))).toBe(false);
}, 60_000);
