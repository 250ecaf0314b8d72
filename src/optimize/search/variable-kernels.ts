import type { Json } from "#foundation";
import type { Variable } from "#variables";
import type { MakeKernels } from "./kernels.ts";
import { numberKernels } from "./number-kernels.ts";
import { optionKernels } from "./option-kernels.ts";
import { valueKernels } from "./value-kernels.ts";

/**
 * How to make kernels of a variable; `undefined` where it follows from others. `observed` are all values that any trial
 * has of it: a text may have been written that is no candidate.
 */
export function variableKernels(variable: Variable, observed: () => Iterable<Json>): MakeKernels | undefined {
  switch (variable.kind) {
    case "float":
    case "integer":
      return numberKernels(variable);
    case "choice":
    case "module":
      return optionKernels(variable.options, variable.weights);
    case "text":
      return optionKernels([...new Set<Json>([...(variable.candidates ?? [variable.default ?? ""]), ...observed()])]);
    case "subset":
    case "permutation":
    case "demos":
      return valueKernels(variable);
    case "composite":
      return undefined;
  }
}
