import type { Space, Variable } from "#variables";

/** Teleprompters that leave some kinds of variable as they are; all others search the whole space. */
const kindsOf: Readonly<Record<string, readonly Variable["kind"][]>> = {
  labeled_few_shot: ["demos"],
  bootstrap_few_shot: ["demos"],
  bootstrap_random_search: ["demos"],
  copro: ["text"],
  infer_rules: ["text"],
};

/** What of a space a teleprompter searches, and what it leaves at the program's own values. */
export interface SearchedVariables {
  readonly searched: readonly Variable[];
  readonly left: readonly Variable[];
}

export function searchedVariables(teleprompter: string, { variables }: Space): SearchedVariables {
  const kinds = kindsOf[teleprompter];
  const isSearched = ({ kind }: Variable): boolean => kinds === undefined || kinds.includes(kind);
  return { searched: variables.filter(isSearched), left: variables.filter((variable) => !isSearched(variable)) };
}
