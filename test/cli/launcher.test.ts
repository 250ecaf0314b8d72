import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { root, startProcess, workplace } from "./workplace.ts";

const launcher = join(root, "bin", "tutti.cjs");
const system = "/usr/bin/node";
const version = spawnSync(system, ["-p", "process.versions.node"], { encoding: "utf8" }).stdout?.trim() ?? "";
const isOld = version !== "" && Number.parseInt(version, 10) < 24;

test("the launcher runs on this Node", async () => {
  const { path } = workplace();
  const ended = await startProcess(process.execPath, [launcher, "--version"], path, {}).ended;
  expect(ended).toMatchObject({ code: 0, stdout: "0.1.0\n", stderr: "" });
});

describe.skipIf(!isOld)(`on an older Node, the system's (${version === "" ? "there is none" : version})`, () => {
  test("the launcher goes on under the installed one and keeps exit code and streams", async () => {
    const { path } = workplace();
    const [doctor, wrong] = await Promise.all([
      startProcess(system, [launcher, "doctor"], path, {}).ended,
      startProcess(system, [launcher, "optimise"], path, {}).ended,
    ]);
    expect(doctor.code).toBe(0);
    expect(doctor.stdout).toMatch(/node +2[4-9]\.\d+\.\d+ at/);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain("Did you mean optimize?");
  });

  test("TUTTI_NODE names another one, and a useless one is refused with 78", async () => {
    const { path } = workplace();
    const [good, old] = await Promise.all([
      startProcess(system, [launcher, "--version"], path, { env: { TUTTI_NODE: process.execPath } }).ended,
      startProcess(system, [launcher, "--version"], path, { env: { TUTTI_NODE: system } }).ended,
    ]);
    expect(good).toMatchObject({ code: 0, stdout: "0.1.0\n" });
    expect(old.code).toBe(78);
    expect(old.stderr).toContain("is no Node of version 24 or newer");
  });

  test("without any, it says what to do and ends with 78", async () => {
    const { path } = workplace();
    mkdirSync(join(path, "package", "bin"), { recursive: true });
    mkdirSync(join(path, "package", "dist", "cli"), { recursive: true });
    copyFileSync(launcher, join(path, "package", "bin", "tutti.cjs"));
    writeFileSync(join(path, "package", "dist", "cli", "main.js"), "");
    const ended = await startProcess(system, [join(path, "package", "bin", "tutti.cjs")], path, {}).ended;
    expect(ended.code).toBe(78);
    expect(ended.stderr).toContain(`tutti needs Node 24 or newer, this is ${version}`);
    expect(ended.stderr).toContain("npm install --save-dev node@24");
    expect(ended.stderr).toContain('"allowScripts": {"node": true}');
  });
});
