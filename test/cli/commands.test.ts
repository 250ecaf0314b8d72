import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { events, ticketLines, triageFile, workplace } from "./workplace.ts";
import type { Workplace } from "./workplace.ts";

const escape = "\u001B";

function triagePlace(): Workplace {
  const place = workplace();
  place.write("triage.ts", triageFile);
  place.write("train.jsonl", ticketLines(24));
  place.write("test.jsonl", ticketLines(24, 100));
  return place;
}

const optimize = ["optimize", "triage.ts", "--train", "train.jsonl", "--test", "test.jsonl", "--seed", "1"];

describe("tutti run", () => {
  test("takes inputs by name, as JSON and from stdin", async () => {
    const place = triagePlace();
    const ticket = "the invoice was charged twice, billing please";
    const [named, json, piped] = await Promise.all([
      place.tutti(["run", "triage.ts", "--input", `ticket=${ticket}`]),
      place.tutti(["run", "triage.ts", "--json-input", JSON.stringify({ ticket }), "--json"]),
      place.tutti(["run", "triage.ts", "--json"], { stdin: JSON.stringify({ ticket }) }),
    ]);
    expect(named).toMatchObject({ code: 0, stdout: "queue: billing\n" });
    expect(named.stderr).toContain("no --model, and triage.ts exports no model: answering with icl");
    expect(events(json.stdout)).toMatchObject([{ type: "result", outputs: { queue: "billing" } }]);
    expect(piped.stdout).toBe(json.stdout);
  });

  test("asks the model that the file exports, with the modules that it exports", async () => {
    const place = workplace();
    place.write(
      "shout.ts",
      `import { module, program as makeProgram, signature } from "tutti";
       export const program = makeProgram({ name: "shout", signature: signature("text -> loud"), pipeline: ["predict", "shout"] });
       export const modules = [module("shout", ({ outputs }) => ({ loud: String(outputs.loud).toUpperCase() }))];
       export const model = () => "hello";`,
    );
    const ended = await place.tutti(["run", "shout.ts", "--input", "text=x"]);
    expect(ended).toMatchObject({ code: 0, stdout: "loud: HELLO\n" });
  });

  test("chooses among several programs by name", async () => {
    const place = workplace();
    place.write(
      "two.ts",
      `import { program, signature } from "tutti";
       export const a = program({ name: "first", signature: signature("text -> answer") });
       export const b = program({ name: "second", signature: signature("text -> answer") });
       export const model = () => "yes";`,
    );
    const [unnamed, named] = await Promise.all([
      place.tutti(["run", "two.ts", "--input", "text=x"]),
      place.tutti(["run", "two.ts", "--input", "text=x", "--program", "second"]),
    ]);
    expect(unnamed.code).toBe(2);
    expect(unnamed.stderr).toContain("choose one of first, second by --program");
    expect(named).toMatchObject({ code: 0, stdout: "answer: yes\n" });
  });
});

describe("tutti eval", () => {
  test("scores on JSONL and CSV alike, and misses a target with 3", async () => {
    const place = triagePlace();
    place.write("test.csv", 'ticket,queue\r\n"the invoice, charged twice",billing\r\nthe app crashes,tech\r\n');
    const [jsonl, csv, missed] = await Promise.all([
      place.tutti(["eval", "triage.ts", "--data", "test.jsonl", "--json"]),
      place.tutti(["eval", "triage.ts", "--data", "test.csv"]),
      place.tutti(["eval", "triage.ts", "--data", "test.jsonl", "--min-score", "1.1"]),
    ]);
    const lines = events(jsonl.stdout);
    expect(lines).toHaveLength(25);
    expect(lines.at(-1)).toMatchObject({ type: "result", counted: 24, usage: { calls: 24 }, failures: [] });
    expect(lines.at(-1)).not.toHaveProperty("met");
    expect(jsonl.stderr).toContain("scored by the metric that triage.ts exports");
    expect(csv.code).toBe(0);
    expect(csv.stdout).toMatch(/^triage on test\.csv: score \d\.\d{3}, 95 % interval .*\n2 examples, 2 model calls/);
    expect(csv.stderr).toContain("100 %  2 of 2 examples");
    expect(missed.code).toBe(3);
    expect(missed.stderr).toContain("is below --min-score 1.1");
  });

  test("says what failed how often, with the reply's start, and ends with 1 when all of it failed", async () => {
    const place = workplace();
    place.write(
      "age.ts",
      `import { program as makeProgram, signature } from "tutti";
       export const program = makeProgram({ name: "age", signature: signature("text -> age: int") });
       export const metric = ({ age }) => {
         if (age === 2) throw new Error("no twos");
         return 1;
       };
       export const model = ({ messages }) => messages.map(({ content }) => content).join().includes("some") ? "2" : "I would rather not say";`,
    );
    place.write("all.jsonl", '{"text":"a"}\n{"text":"b"}\n');
    place.write("some.jsonl", '{"text":"some"}\n{"text":"b"}\n{"text":"c"}\n');
    const [all, some] = await Promise.all([
      place.tutti(["eval", "age.ts", "--data", "all.jsonl", "--min-score", "0.5"]),
      place.tutti(["eval", "age.ts", "--data", "some.jsonl", "--json"]),
    ]);
    expect(all.code).toBe(1);
    expect(all.stdout).toMatch(/ {2}2 × stage predict: the reply of model .*It said: "I would rather not say"/);
    expect(all.stderr).toContain("all 2 examples failed");
    const failures = [
      { count: 2, message: expect.stringContaining("I would rather not say") },
      { count: 1, message: expect.stringMatching(/the metric failed on example 0: no twos \(in age\.ts:4:\d+\)/) },
    ];
    expect(events(some.stdout).at(-1)).toMatchObject({ type: "result", failures });
  });
});

describe("tutti optimize, and what is stored of it", () => {
  test("from the run to its pages, without an escape code in a pipe", async () => {
    const place = triagePlace();
    const ended = await place.tutti([...optimize, "--budget", "evaluations=8"]);
    expect(ended.code).toBe(0);
    expect(ended.stdout).toContain("On 24 held-out examples, which nothing was chosen on:");
    expect(ended.stderr).toContain("triage.ts exports no space");
    expect(ended.stderr).toContain(
      "bootstrap_few_shot searches predict.demos and leaves predict.instructions, temperature as they are",
    );
    expect(ended.stderr).not.toContain("no --test");
    const run = /run_\w{20}/.exec(ended.stdout)?.[0] ?? "";
    const [runs, shown, again, programs, used] = await Promise.all([
      place.tutti(["runs", "ls"]),
      place.tutti(["runs", "show", run]),
      place.tutti(["runs", "resume", run]),
      place.tutti(["programs", "ls", "--json"]),
      place.tutti(["eval", "triage.ts", "--data", "test.jsonl", "--from", run]),
    ]);
    expect(shown.stdout).toContain(
      "searches      predict.demos (demos)\nleaves        predict.instructions (text), temperature (float)",
    );
    expect(runs.stdout).toMatch(new RegExp(`${run}  triage   bootstrap_few_shot  completed`));
    expect(shown.stdout).toContain("budget        evaluations 8");
    expect(shown.stdout).toContain("demonstrations, the first of them:");
    expect(shown.stdout).toContain("demonstration set 1");
    expect(shown.stdout).not.toContain('{"inputs"');
    expect(again).toMatchObject({ code: 1, stdout: "" });
    expect(again.stderr).toContain("has already ended (completed)");
    const [listed] = events(programs.stdout);
    const [program] = (listed?.["programs"] ?? []) as { readonly id: string }[];
    expect(program).toMatchObject({
      name: "triage",
      runs: 1,
      file: join(place.path, "triage.ts"),
      performance: expect.any(Number),
    });
    const page = await place.tutti(["programs", "show", program?.id ?? ""]);
    expect(page.stdout).toContain(run);
    const reached = /winner +(\d\.\d{3})/.exec(ended.stdout)?.[1];
    expect(used.stdout).toContain(`score ${reached}`);
    for (const { stdout, stderr } of [ended, runs, shown, page, used]) expect(stdout + stderr).not.toContain(escape);
  }, 60_000);

  test("weighs costs with --cost-weight and says so, and refuses a weight of nothing known", async () => {
    const place = triagePlace();
    const few = ["--teleprompter", "random-search:candidates=2", "--cost-weight"];
    const [ended, wrong] = await Promise.all([
      place.tutti([...optimize, ...few, "tokens=0.0001,calls=0.01"]),
      place.tutti([...optimize, ...few, "seconds=1"]),
    ]);
    expect(ended.code).toBe(0);
    expect(ended.stdout).toContain("in points 0.0001 for each of tokens, 0.01 for each of calls.");
    expect(wrong).toMatchObject({ code: 2, stdout: "" });
    expect(wrong.stderr).toContain("costWeight.seconds: not a cost; costs are usd, calls, tokens");
  }, 60_000);

  test("says beforehand what it would cost, with --dry-run alone", async () => {
    const place = triagePlace();
    const [dry, told] = await Promise.all([
      place.tutti([...optimize, "--dry-run"]),
      place.tutti([...optimize, "--dry-run", "--budget", "calls=200", "--json"]),
    ]);
    expect(dry.code).toBe(0);
    expect(dry.stdout).toMatch(/ +likely +at the most\nevaluations +\d+ +\d+\nexamples/);
    expect(dry.stdout).toContain("Nothing was asked and nothing stored: a dry run.");
    expect(dry.stdout).toContain("half of the examples succeed");
    const [result] = events(told.stdout) as [{ estimate: { most: { calls: number } } }];
    expect(result.estimate.most.calls).toBe(200);
    const listed = await place.tutti(["runs", "ls"]);
    expect(listed.stdout).toContain("no runs in ");
  });

  test("speaks JSON lines only with --json, and stores an unchanged program once", async () => {
    const place = triagePlace();
    const words = [
      ...optimize,
      "--teleprompter",
      "random-search:candidates=2",
      "--model",
      "icl",
      "--json",
      "--require-gain",
    ];
    const [first, second] = [await place.tutti(words), await place.tutti(words)];
    const [a, b] = [events(first.stdout), events(second.stdout)];
    expect(a[0]).toMatchObject({ type: "run", seed: "1", sizes: { train: 12, validation: 12, test: 24 } });
    expect(a.some(({ type }) => type === "progress")).toBe(true);
    expect(a.at(-1)).toMatchObject({ type: "result", report: { status: "completed" } });
    expect(b[0]?.["program"]).toBe(a[0]?.["program"]);
    const report = a.at(-1)?.["report"] as { readonly significant: boolean } | undefined;
    expect(first.code).toBe(report?.significant === true ? 0 : 3);
    expect(first.stderr).not.toContain("%");
  }, 60_000);

  test("keeps to the store that --store or TUTTI_STORE names", async () => {
    const place = triagePlace();
    const quick = ["--budget", "evaluations=2"];
    const [byOption, byEnvironment, nothing] = await Promise.all([
      place.tutti([...optimize, ...quick, "--store", "a/b.db"]),
      place.tutti([...optimize, ...quick], { env: { TUTTI_STORE: "c.db" } }),
      place.tutti(["runs", "ls"]),
    ]);
    expect([byOption.code, byEnvironment.code, nothing.code]).toEqual([0, 0, 0]);
    expect(byOption.stderr).toContain("warning: evaluations=2 is too little to compare anything");
    expect(byOption.stdout).toContain("Nothing was compared");
    expect(byOption.stdout).not.toContain("winner");
    expect(byOption.stdout).toMatch(/runs show run_\w+ --store \S+a\/b\.db/);
    expect(existsSync(join(place.path, "c.db"))).toBe(true);
    expect(existsSync(join(place.path, ".tutti"))).toBe(false);
    expect(nothing.stdout).toContain("no runs in");
  });
});

describe("tutti doctor", () => {
  test("says what it looked at, and names keys without their values", async () => {
    const place = workplace();
    const ended = await place.tutti(["doctor"], { env: { OPENAI_API_KEY: "sk-secret" } });
    expect(ended.code).toBe(0);
    expect(ended.stdout).toContain(process.versions.node);
    expect(ended.stdout).toContain("OPENAI_API_KEY set");
    expect(ended.stdout + ended.stderr).not.toContain("sk-secret");
    expect(existsSync(join(place.path, ".tutti"))).toBe(false);
  });
});

test("tutti --help starts without the floors", async () => {
  const place = workplace();
  const ended = await place.tutti(["--help"]);
  expect(ended.code).toBe(0);
  for (const name of ["run", "eval", "optimize", "programs", "runs", "doctor", "demo"])
    expect(ended.stdout).toContain(`  ${name}`);
});

test("tutti demo triage shows its gain", async () => {
  const place = workplace();
  const ended = await place.tutti(["demo", "--seed", "2"]);
  expect(ended.code).toBe(0);
  expect(ended.stdout).toContain("On 240 held-out tickets");
  expect(ended.stdout).toContain("The gain is significant");
  expect(ended.stdout).toMatch(/See it with: .* runs show run_\w{20}/);
}, 60_000);
