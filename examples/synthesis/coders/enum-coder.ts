import { enumerate } from "./enumerator.ts";
import type { Grammar } from "./enumerator.ts";
import { listComponents } from "../programs/list-components.ts";
import { numberComponents } from "../programs/number-components.ts";
import { numberParameter } from "./parameter.ts";
import type { Coder } from "./coder.ts";
import type { CoderId } from "./coder-parameters.ts";
import { shortlist } from "./shortlist.ts";
import { textComponents } from "../programs/text-components.ts";

/** The generalist: enumerates programs over numbers, texts and lists. */
export const enumCoder: Coder = enumeratingCoder("enumCoder", {
  components: [...numberComponents, ...textComponents, ...listComponents],
  constants: [0, 1, 2, 3, 10, " ", "-", ", "],
});

/** The same enumeration with lists only. */
export const listCoder: Coder = enumeratingCoder("listCoder", { components: listComponents, constants: [] });

function enumeratingCoder(coder: CoderId, grammar: Omit<Grammar, "maxSize">): Coder {
  return (task, { budget, parameters }) => {
    const found = shortlist(task, { coder, budget, k: numberParameter(coder, { parameters, name: "k" }) });
    const maxSize = numberParameter(coder, { parameters, name: "maxSize" });
    enumerate(task, { grammar: { ...grammar, maxSize }, shortlist: found });
    return found.result();
  };
}
