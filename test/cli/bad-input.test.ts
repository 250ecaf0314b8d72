import { chmodSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, onTestFinished, test } from "vitest";
import { events, ticketLines, triageFile, workplace } from "./workplace.ts";
import type { Workplace } from "./workplace.ts";

function triagePlace(): Workplace {
  const place = workplace();
  place.write("triage.ts", triageFile);
  place.write("train.jsonl", ticketLines(8));
  return place;
}

const optimize = ["optimize", "triage.ts", "--train", "train.jsonl", "--model", "icl"];

/** Ends with the code and says all of it on stderr, without a stack, and with no result and no store. */
async function refuses(place: Workplace, words: readonly string[], code: number, ...said: string[]): Promise<void> {
  const ended = await place.tutti(words);
  for (const text of said) expect(ended.stderr).toContain(text);
  expect(ended).toMatchObject({ code, stdout: "" });
  expect(ended.stderr).not.toMatch(/\n +at /);
  expect(existsSync(join(place.path, ".tutti"))).toBe(false);
}

describe("a user's file", () => {
  const files: readonly [what: string, source: string, ...said: string[]][] = [
    [
      "with a typo in the signature",
      `import { signature } from "tutti"; export const s = signature("ticket -> queue: strng");`,
      "column",
      "strng",
      "in triage.ts:1:",
    ],
    ["that throws", `\nfunction fail() { throw new Error("not today"); }\nfail();`, "not today", "in triage.ts:2:"],
    ["with a syntax error", `\nexport const x: number = = 3;`, "triage.ts:2:\n  export const x: number = = 3;"],
    ["in CommonJS", `module.exports = {};`, "expected an ES module that exports a program, but this is CommonJS"],
    [
      "without a program",
      `export const answer = 42;`,
      'expected an exported program, as in "export const triage',
      "exports answer",
    ],
    ["with an enum", `export enum Queue { billing }`, "no enum, namespace or parameter property"],
    ["with an import without its ending", `import "./nothing";`, 'whole file names ("./metric.ts"'],
    [
      "with a type imported as a value",
      `import { Program } from "tutti"; export const p: Program | undefined = undefined;`,
      "import type",
    ],
    [
      "with a metric that is none",
      `${triageFile.replace('exactMatch("queue")', "1")}`,
      "expected a function (outputs, example) => score as metric, got 1",
    ],
    ["with a space that is none", `${triageFile} export const space = {};`, "space: expected { variables"],
    [
      "with an unknown module",
      triageFile.replace('name: "triage",', 'name: "triage", pipeline: ["predikt"],'),
      'unknown module "predikt"',
      "known are predict",
    ],
    [
      "with an unknown model",
      triageFile.replace('name: "triage",', 'name: "triage", configuration: { model: "gpt-0" },'),
      'unknown model "gpt-0"',
    ],
  ];
  test.each(files)("%s", async (_, source, ...said) => {
    const place = triagePlace();
    place.write("triage.ts", source);
    await refuses(place, optimize, 2, ...said);
  });

  test("in plain JavaScript with a syntax error, or named .cjs", async () => {
    const place = triagePlace();
    place.write("broken.mjs", `const a = 1;\nexport const x = = 3;`);
    place.write("old.cjs", `module.exports = {};`);
    await Promise.all([
      refuses(place, ["run", "broken.mjs"], 2, "Unexpected token", "broken.mjs:2:\n  export const x = = 3;"),
      refuses(
        place,
        ["run", "old.cjs"],
        2,
        "old.cjs: expected an ES module that exports a program, but this is CommonJS: name it .ts or .mjs",
      ),
    ]);
  });

  test("that is not there", () => refuses(triagePlace(), ["run", "nix.ts"], 2, "nix.ts: there is no such file"));
});

describe("inputs", () => {
  test("that are missing, unknown, doubled or no JSON", async () => {
    const place = triagePlace();
    const run = ["run", "triage.ts", "--model", "icl"];
    await Promise.all([
      refuses(place, run, 2, "the program needs its inputs ticket", "--input ticket=…"),
      refuses(place, [...run, "--input", "tikcet=x"], 2, "--input tikcet: not an input; inputs are ticket"),
      refuses(place, [...run, "--input", "ticket=x", "--input", "ticket=y"], 2, "given twice"),
      refuses(place, [...run, "--json-input", "{"], 2, "--json-input: expected a JSON object"),
      refuses(place, [...run, "--json-input", '{"ticket":"x","more":1}'], 2, "more: not an input"),
      refuses(place, [...run, "--json-input", "{}"], 2, "ticket: expected string, got nothing"),
    ]);
  });
});

describe("data", () => {
  test("with broken lines: each with its number and what was expected; the run does not start", async () => {
    const place = triagePlace();
    place.write("train.jsonl", `${ticketLines(2)}{"ticket": "cut\n\n[1]\n${ticketLines(1)}`);
    await refuses(
      place,
      optimize,
      2,
      "2 of 5 lines are no JSON objects",
      'train.jsonl:3: expected a JSON object, got {"ticket": "cut',
      "train.jsonl:5: expected a JSON object, got [1]",
    );
  });

  test("that does not fit, with the lines", async () => {
    const place = triagePlace();
    place.write("train.jsonl", `\n{"ticket":"x","queue":"sales"}\n{"queue":"tech"}\n`);
    place.write("train.csv", 'ticket,queue\n"x\ny",sales\nz,tech,more\n');
    await Promise.all([
      refuses(place, optimize, 2, "train.jsonl:2: queue: expected one of", "train.jsonl:3: ticket: expected string"),
      refuses(
        place,
        ["eval", "triage.ts", "--data", "train.csv"],
        2,
        "train.csv:4: expected 2 cells (ticket, queue), got 3",
      ),
    ]);
  });

  test("that is empty, absent, of another kind or without answers", async () => {
    const place = triagePlace();
    place.write("empty.jsonl", "\n");
    place.write("bare.jsonl", '{"ticket":"x"}\n');
    place.write("bare.ts", triageFile.replace("export const metric", "const metric"));
    const evaluate = (file: string, program = "triage.ts"): string[] => ["eval", program, "--data", file];
    await Promise.all([
      refuses(place, evaluate("empty.jsonl"), 2, "expected at least one example, but the file is empty"),
      refuses(place, ["optimize", "triage.ts", "--train", "empty.jsonl"], 2, "the file is empty"),
      refuses(place, evaluate("nix.jsonl"), 2, "nix.jsonl: cannot read the examples"),
      refuses(place, evaluate("triage.ts"), 2, "expected a file of examples, .jsonl"),
      refuses(place, evaluate("bare.jsonl", "bare.ts"), 2, "1 of 1 examples expect nothing", "export a metric"),
    ]);
  });
});

describe("options", () => {
  const cases: readonly [words: readonly string[], ...said: string[]][] = [
    [[...optimize, "--budget", "evaluations=0"], "budget.evaluations: expected a whole number above 0, got 0"],
    [["optimize", "triage.ts"], "required option '--train <examples>' not specified"],
    [["optimise"], "unknown command 'optimise'", "Did you mean optimize?"],
    [["runs", "show", "run_x"], "there is no store at"],
    [["doctor", "--port", "99999"], "--port: expected a port from 1 to 65535, got 99999"],
    [["demo", "chess"], 'there is no demo "chess"; there is triage'],
  ];
  test.each(cases)("%j", async (words, ...said) => {
    await refuses(triagePlace(), words, 2, ...said);
  });

  test("say the same as JSON with --json", async () => {
    const ended = await triagePlace().tutti([...optimize, "--budget", "evaluations=0", "--json"]);
    expect(ended.code).toBe(2);
    expect(events(ended.stdout)).toEqual([
      { type: "error", code: "usage", message: expect.stringContaining("above 0, got 0") },
    ]);
  });

  test("show a stack only with TUTTI_DEBUG=1", async () => {
    const ended = await triagePlace().tutti(["run", "nix.ts"], { env: { TUTTI_DEBUG: "1" } });
    expect(ended.stderr).toMatch(/\n +at /);
  });
});

/** Whoever runs these tests as root may write everywhere. */
const nobody = process.getuid?.() === 0 ? { uid: 65_534 } : {};

describe("the world", () => {
  test("a reply that cannot be read: its raw text, and 1", async () => {
    const place = workplace();
    place.write(
      "age.ts",
      `import { program as makeProgram, signature } from "tutti";
       export const program = makeProgram({ name: "age", signature: signature("text -> age: int") });
       export const model = () => "I would rather not say";`,
    );
    await refuses(place, ["run", "age.ts", "--input", "text=x"], 1, 'It said: "I would rather not say"');
  });

  test("a provider that is not there: 69, from run, eval and optimize alike", async () => {
    const place = triagePlace();
    const model = ["--model", "http://127.0.0.1:9/v1#m"];
    const [run, evaluated, optimized] = await Promise.all([
      place.tutti(["run", "triage.ts", "--input", "ticket=x", ...model]),
      place.tutti(["eval", "triage.ts", "--data", "train.jsonl", ...model]),
      place.tutti(["optimize", "triage.ts", "--train", "train.jsonl", ...model]),
    ]);
    expect([run.code, evaluated.code, optimized.code]).toEqual([69, 69, 69]);
    expect(run.stderr).toContain("no answer from http://127.0.0.1:9");
    expect(evaluated.stderr).toContain("examples got no answer");
    expect(optimized.stderr).toMatch(/go on with:\n.*runs resume run_/);
  });

  test("a key that is missing: 78", () =>
    refuses(
      triagePlace(),
      ["run", "triage.ts", "--input", "ticket=x", "--model", "openai/gpt-5-mini"],
      78,
      "set OPENAI_API_KEY",
    ));

  test("a store that is read-only, or of a newer version: 78, and untouched", async () => {
    const place = triagePlace();
    expect((await place.tutti([...optimize, "--budget", "evaluations=2"])).code).toBe(0);
    const path = join(place.path, ".tutti", "tutti.db");
    for (const [name, mode] of [
      ["", 0o755],
      [".tutti", 0o555],
      [".tutti/tutti.db", 0o444],
    ] as const)
      chmodSync(join(place.path, name), mode);
    const looked = await place.tutti(["runs", "ls"], nobody);
    expect(looked).toMatchObject({ code: 78, stdout: "" });
    expect(looked.stderr).toContain("Reading needs it too");
    const database = new DatabaseSync(path);
    database.exec("insert into tutti_migration (name, timestamp) values ('9999_later', '2030-01-01')");
    database.close();
    for (const words of [optimize, ["runs", "ls"]]) {
      const ended = await place.tutti(words);
      expect(ended).toMatchObject({ code: 78, stdout: "" });
      expect(ended.stderr).toContain("was written by a newer version of tutti");
    }
    expect((await place.tutti(["doctor"])).code).toBe(1);
  });

  test("a directory that cannot be written: 78, and nothing half written", async () => {
    const place = triagePlace();
    const closed = join(place.path, "closed");
    mkdirSync(closed);
    chmodSync(place.path, 0o755);
    chmodSync(closed, 0o555);
    const store = ["--store", join(closed, "tutti.db")];
    const ended = await place.tutti([...optimize, ...store], nobody);
    expect(ended.stderr).toContain("Check the permissions");
    expect(ended).toMatchObject({ code: 78, stdout: "" });
    expect(ended.stderr).not.toContain("to learn from");
    expect(readdirSync(closed)).toEqual([]);
    const looked = await place.tutti(["doctor", ...store], nobody);
    expect(looked.code).toBe(1);
    expect(looked.stdout).toMatch(
      /FAIL {2}store .*cannot be created: nothing may be written in .*closed; choose another/,
    );
  });

  test("a port in use", async () => {
    const server = createServer();
    onTestFinished(() => void server.close());
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const ended = await workplace().tutti(["doctor", "--port", String(port)]);
    expect(ended.code).toBe(1);
    expect(ended.stdout).toContain(`${port} is in use by another process`);
  });
});
