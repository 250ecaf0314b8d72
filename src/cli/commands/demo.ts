import { UsageError } from "#foundation";
import { readWhole } from "../input/key-values.ts";
import type { ExitCode } from "../exit-code.ts";
import type { Session } from "../session.ts";

export interface DemoOptions {
  readonly seed?: string;
}

/** `tutti demo [NAME]`: a demonstration that needs no key and no network. */
export async function demoCommand(name: string, { seed = "1" }: DemoOptions, session: Session): Promise<ExitCode> {
  if (name !== "triage") throw new UsageError(`there is no demo "${name}"; there is triage`);
  if (session.model !== undefined && session.model !== "icl")
    throw new UsageError("the demo runs on the offline model: leave --model out");
  const { showTriageDemo } = await import("../demos/triage/show.ts");
  return showTriageDemo(readWhole(seed, "--seed", 0), session);
}
