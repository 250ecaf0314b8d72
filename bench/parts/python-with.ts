import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The versions that are measured. */
export const optunaVersion = "5.0.0";
export const dspyVersion = "3.4.1";

/**
 * A Python with these packages, in a folder of its own under the system's temporary one; made there once, from PyPI. The
 * first one names the folder; `command` is what the last one installs.
 */
function pythonWith(packages: readonly [string, ...string[]], command: string): string {
  const folder = join(tmpdir(), `tutti-bench-${packages[0].replace("==", "-")}`);
  const python = join(folder, "bin/python");
  if (existsSync(join(folder, "bin", command))) return python;
  console.log(`Installing ${packages.join(", ")} into ${folder} …`);
  const stdio = ["ignore", "ignore", "inherit"] as const;
  execFileSync("python3", ["-m", "venv", folder], { stdio: [...stdio] });
  execFileSync(python, ["-m", "pip", "install", "--quiet", ...packages], { stdio: [...stdio] });
  return python;
}

export function optunaPython(): string {
  return pythonWith([`optuna==${optunaVersion}`], "optuna");
}

/** MIPROv2 searches with Optuna. */
export function dspyPython(): string {
  return pythonWith([`dspy==${dspyVersion}`, `optuna==${optunaVersion}`], "optuna");
}
