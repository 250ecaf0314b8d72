import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The version that is measured. */
export const optunaVersion = "5.0.0";

/** A Python with Optuna, in a folder of its own under the system's temporary one; made there once, from PyPI. */
export function optunaPython(): string {
  const folder = join(tmpdir(), `tutti-bench-optuna-${optunaVersion}`);
  const python = join(folder, "bin/python");
  const ready = join(folder, "bin/optuna");
  if (existsSync(ready)) return python;
  console.log(`Installing optuna ${optunaVersion} into ${folder} …`);
  const stdio = ["ignore", "ignore", "inherit"] as const;
  execFileSync("python3", ["-m", "venv", folder], { stdio: [...stdio] });
  execFileSync(python, ["-m", "pip", "install", "--quiet", `optuna==${optunaVersion}`], { stdio: [...stdio] });
  return python;
}
