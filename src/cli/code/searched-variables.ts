import type { Teleprompter } from "#optimize";
import type { Space, Variable } from "#variables";

/** What of a space a teleprompter searches, and what it leaves at the program's own values. */
export interface SearchedVariables {
  readonly searched: readonly Variable[];
  readonly left: readonly Variable[];
}

export function searchedVariables({ kinds }: Pick<Teleprompter, "kinds">, { variables }: Space): SearchedVariables {
  const isSearched = ({ kind }: Variable): boolean => kinds === undefined || kinds.includes(kind);
  return { searched: variables.filter(isSearched), left: variables.filter((variable) => !isSearched(variable)) };
}
