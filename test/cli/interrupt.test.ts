import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { events, root, startProcess, ticketLines, triageFile, workplace } from "./workplace.ts";
import type { Running, Workplace } from "./workplace.ts";

/** A place whose model takes its time and writes down every call. */
function slowPlace(): Workplace {
  const place = workplace();
  place.write(
    "triage.ts",
    `${triageFile}
     import { appendFileSync } from "node:fs";
     import { setTimeout } from "node:timers/promises";
     export const model = async ({ messages }) => {
       await setTimeout(40);
       appendFileSync("calls.txt", "x");
       return messages.at(-1).content.includes("invoice") ? "billing" : "tech";
     };`,
  );
  place.write("train.jsonl", ticketLines(16));
  return place;
}

const optimize = ["optimize", "triage.ts", "--train", "train.jsonl", "--seed", "1", "--concurrency", "2"];
const few = ["--teleprompter", "bootstrap_few_shot:candidates=4"];

/** The id of a run that has begun to measure. */
async function runOf(running: Running): Promise<string> {
  await running.said('"type":"progress"');
  return /run_\w{20}/.exec(running.stdout())?.[0] ?? "";
}

describe("Ctrl-C", () => {
  test("pauses the run, and the line it prints takes it up and finishes it", async () => {
    const place = slowPlace();
    const running = place.start([...optimize, ...few]);
    await running.said("candidate · best");
    running.child.kill("SIGINT");
    const interrupted = await running.ended;
    expect(interrupted.code).toBe(130);
    expect(interrupted.stdout).toBe("");
    expect(interrupted.stderr).toContain(
      "no --test: whether the gain is significant is judged on the examples that choose",
    );
    expect(interrupted.stderr).toMatch(/\d model calls? under way: awaited for a few seconds, and counted/);
    const line = /is paused and keeps what it has; go on with:\n(.*)\n/.exec(interrupted.stderr)?.[1] ?? "";
    const listed = await place.tutti(["runs", "ls"]);
    expect(listed.stdout).toContain("  paused  ");
    const resumed = await startProcess("/bin/sh", ["-c", line], place.path, {}).ended;
    expect(resumed.code).toBe(0);
    expect(resumed.stdout).toContain("completed: 4 sets of demonstrations were measured");
    const again = await place.tutti(["runs", "ls", "--json"]);
    const [{ runs }] = events(again.stdout) as [{ runs: { progress: { status: string; spend: { calls: number } } }[] }];
    // Every call that was made is counted, those under way at the interruption too, and none was made twice.
    const calls = readFileSync(join(place.path, "calls.txt"), "utf8").length;
    expect(runs[0]?.progress).toMatchObject({ status: "completed", spend: { calls } });
  }, 60_000);

  test("pressed twice ends at once", async () => {
    const place = workplace();
    place.write(
      "stuck.ts",
      `${triageFile} export const model = () => { console.error("asked"); return new Promise(() => setInterval(() => {}, 1000)); };`,
    );
    place.write("data.jsonl", ticketLines(2));
    const running = place.start(["eval", "stuck.ts", "--data", "data.jsonl"]);
    await running.said("asked");
    running.child.kill("SIGINT");
    await running.said("press Ctrl-C again");
    await new Promise((resolve) => setTimeout(resolve, 500));
    running.child.kill("SIGINT");
    expect((await running.ended).code).toBe(130);
  });
});

test.each([
  ["SIGHUP", 129],
  ["SIGTERM", 143],
] as const)("%s puts things down as Ctrl-C does, and ends with %i", async (name, code) => {
  const place = workplace();
  place.write(
    "slow.ts",
    `${triageFile} export const model = () => { console.error("asked"); return new Promise((answer) => setTimeout(answer, 300, "tech")); };`,
  );
  place.write("data.jsonl", ticketLines(2));
  const running = place.start(["optimize", "slow.ts", "--train", "data.jsonl"]);
  await running.said("asked");
  running.child.kill(name);
  const ended = await running.ended;
  expect(ended.code).toBe(code);
  expect(ended.stderr).toMatch(/is paused and keeps what it has; go on with:\n.* runs resume run_/);
  expect(ended.stderr).not.toContain("error:");
});

describe("from another terminal", () => {
  test("pause, resume and stop reach the process that drives the run", async () => {
    const place = slowPlace();
    const running = place.start([...optimize, "--teleprompter", "bootstrap_few_shot:candidates=99", "--json"]);
    const run = await runOf(running);
    const paused = await place.tutti(["runs", "pause", run]);
    expect(paused.stdout).toContain(`run ${run} is paused`);
    await running.said(`run ${run} was paused from elsewhere. Let it go on here with:`);
    await running.said(`runs resume ${run}\nor press Ctrl-C to put it down`);
    const resumed = await place.tutti(["runs", "resume", run]);
    expect(resumed.stdout).toContain(`run ${run} is running in the process that drives it`);
    const stopped = await place.tutti(["runs", "stop", run]);
    expect(stopped.stdout).toContain(`run ${run} is stopped`);
    const ended = await running.ended;
    expect(ended.code).toBe(0);
    expect(events(ended.stdout).at(-1)).toMatchObject({ type: "result", report: { status: "stopped" } });
  });

  test("a run is watched while another process drives it; Ctrl-C leaves it running", async () => {
    const place = slowPlace();
    const running = place.start([...optimize, "--teleprompter", "bootstrap_few_shot:candidates=99", "--json"]);
    const run = await runOf(running);
    const watching = place.start(["runs", "attach", run]);
    await watching.said(`watching run ${run}; Ctrl-C leaves it running`);
    const following = place.start(["runs", "attach", run, "--json"]);
    await runOf(following);
    watching.child.kill("SIGINT");
    const left = await watching.ended;
    expect(left.code).toBe(130);
    expect(left.stdout).toBe("");
    expect(left.stderr).toMatch(/goes on without being watched; watch it again with:\n.* runs attach run_/);
    await place.tutti(["runs", "stop", run]);
    const [driven, followed] = await Promise.all([running.ended, following.ended]);
    expect([driven.code, followed.code]).toEqual([0, 0]);
    expect(events(followed.stdout).at(-1)).toEqual(events(driven.stdout).at(-1));
    const again = await place.tutti(["runs", "attach", run]);
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining("\nstopped\n") });
  }, 60_000);

  test("a second run on the same program waits for the first, or is refused", async () => {
    const place = slowPlace();
    const running = place.start([...optimize, "--teleprompter", "bootstrap_few_shot:candidates=99", "--json"]);
    const run = await runOf(running);
    const refused = await place.tutti([...optimize, "--no-wait"]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(`run ${run} is at work on program_`);
    const waiting = place.start([...optimize, "--budget", "evaluations=2"]);
    await waiting.said(`waits for run ${run}, which is at work on program_`);
    await place.tutti(["runs", "stop", run]);
    expect((await running.ended).code).toBe(0);
    expect((await waiting.ended).code).toBe(0);
  }, 60_000);

  test("a run whose process was killed is listed as interrupted, and whoever watches it hears of it", async () => {
    const place = slowPlace();
    const running = place.start([...optimize, "--teleprompter", "bootstrap_few_shot:candidates=99", "--json"]);
    const run = await runOf(running);
    const listed = await place.tutti(["runs", "ls"]);
    expect(listed.stdout).toContain("  running  ");
    const watching = place.start(["runs", "attach", run]);
    await watching.said("watching run");
    running.child.kill("SIGKILL");
    const told = await watching.ended;
    expect(told.code).toBe(1);
    expect(told.stderr).toMatch(
      /the process that drove run \w+ died; the run can be taken up again\nGo on with:\n.* runs resume run_/,
    );
    const [listedAgain, shown] = await Promise.all([place.tutti(["runs", "ls"]), place.tutti(["runs", "show", run])]);
    expect(listedAgain.stdout).toContain("  interrupted  ");
    expect(listedAgain.stdout).toContain("interrupted: nobody drives it; go on with:");
    expect(shown.stdout).toContain("\ninterrupted\n");
  }, 60_000);

  test("a run whose process was killed is taken up, or ended, here", async () => {
    const place = slowPlace();
    const running = place.start([...optimize, ...few, "--json"]);
    const run = await runOf(running);
    running.child.kill("SIGKILL");
    await running.ended;
    const stopped = await place.tutti(["runs", "stop", run]);
    expect(stopped.code).toBe(0);
    expect(stopped.stderr).toContain(`no process drives run ${run}: it is ended here, with what it has`);
    expect(stopped.stdout).toContain("\nstopped\n");
    const paused = await place.tutti(["runs", "pause", run]);
    expect(paused.code).toBe(1);
    expect(paused.stderr).toContain("has already ended (stopped)");
  });

  test("a run is refused when its file has become another program", async () => {
    const place = slowPlace();
    const running = place.start([...optimize, ...few]);
    await running.said("candidate · best");
    running.child.kill("SIGINT");
    const run = /run_\w{20}/.exec((await running.ended).stderr)?.[0] ?? "";
    place.write("triage.ts", triageFile.replace('"tech"', '"sales"'));
    const changed = await place.tutti(["runs", "resume", run]);
    expect(changed.code).toBe(2);
    expect(changed.stderr).toContain("have changed since; start a new run");
  });
});

test("a reader that has seen enough is no error", async () => {
  const place = workplace();
  place.write("triage.ts", triageFile);
  place.write("data.jsonl", ticketLines(200));
  const line = `node --conditions=tutti-source ${root}/src/cli/main.ts eval triage.ts --data data.jsonl --model icl --json; echo "code $?" >&2`;
  const ended = await startProcess("/bin/sh", ["-c", `{ ${line}; } | head -1`], place.path, {}).ended;
  expect(ended.stdout.split("\n")).toHaveLength(2);
  expect(ended.stderr).toMatch(/code 0\n$/);
});
