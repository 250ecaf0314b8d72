import { jsonDefect } from "../json.ts";
import type { Json } from "../json.ts";
import type { Evaluation } from "./evaluation.ts";
import { maxDepth } from "./program.ts";
import type { Answer } from "./sandbox-process.ts";
import type { SandboxOutcome, SandboxResult } from "./sandbox-result.ts";

/** What a program's caller gets for what its process answered. */
export function resultOf(answer: Answer, { calls, timeoutMs, maxResultChars }: Evaluation): SandboxResult {
  if ("ok" in answer) return answer;
  const { defect, isStuck, outcomes } = answer;
  if (defect !== undefined) return { ok: false, code: "bad_source", message: defect };
  const late = `the time of ${timeoutMs} ms was over`;
  if (isStuck) return { ok: false, code: "timeout", message: `${late} before the source was a function` };
  const results: SandboxOutcome[] = [];
  for (let call = 0; call < calls; call++) {
    const written = outcomes[call];
    results.push(written === undefined ? failed("timeout", late) : outcomeOf(written, maxResultChars));
  }
  return { ok: true, results };
}

function outcomeOf(written: string, maxResultChars: number): SandboxOutcome {
  const rest = written.slice(1);
  if (written.startsWith("v") && rest.length <= maxResultChars) return valueOf(rest);
  if (written.startsWith("t")) return failed("threw", rest);
  if (written.startsWith("n")) return failed("not_json", rest);
  return failed("too_large", `the value does not fit into ${maxResultChars} characters`);
}

/** The text was written beside the program's code, so it is not taken on trust. */
function valueOf(text: string): SandboxOutcome {
  try {
    const value = JSON.parse(text) as Json;
    const defect = jsonDefect(value, "", maxDepth);
    return defect === undefined ? { ok: true, value } : failed("not_json", defect);
  } catch {
    return failed("not_json", "the text of the value is not JSON");
  }
}

function failed(code: Extract<SandboxOutcome, { ok: false }>["code"], message: string): SandboxOutcome {
  return { ok: false, code, message };
}
