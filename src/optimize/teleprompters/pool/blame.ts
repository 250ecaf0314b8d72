import { canonicalJson } from "#foundation";
import type { TraceStep } from "../../teleprompter.ts";

/**
 * The stages to blame for a worse trajectory beside a better one of the same example: the first one that made something
 * else of the same inputs, for what comes after it follows from that; where no inputs are the same, every stage whose
 * outputs differ. None where the two do not differ or one of them is empty.
 */
export function blamedStages(worse: readonly TraceStep[], better: readonly TraceStep[]): readonly string[] {
  const differing = worse.flatMap((step, place) => {
    const other = counterpart(worse, better, place);
    return other === undefined || isSame(step.outputs, other.outputs) ? [] : [{ step, other }];
  });
  const first = differing.find(({ step, other }) => isSame(step.inputs, other.inputs));
  const blamed = first === undefined ? differing : [first];
  return [...new Set(blamed.map(({ step }) => step.stage))];
}

/** The same run of the same stage: the second time it ran beside the second time. */
function counterpart(worse: readonly TraceStep[], better: readonly TraceStep[], place: number): TraceStep | undefined {
  const stage = worse[place]?.stage;
  const turn = worse.slice(0, place).filter((step) => step.stage === stage).length;
  return better.filter((step) => step.stage === stage)[turn];
}

function isSame(a: TraceStep["inputs"], b: TraceStep["inputs"]): boolean {
  return canonicalJson(a) === canonicalJson(b);
}
