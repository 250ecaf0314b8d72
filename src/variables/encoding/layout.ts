import type { Space } from "../space.ts";
import { kindOf } from "../variable.ts";
import type { Variable } from "../variable.ts";

/** Where a variable stands in the vectors of its space. */
export interface LayoutPart {
  readonly name: string;
  readonly kind: Variable["kind"];
  readonly offset: number;
  readonly width: number;
  /** Where its value stands as it is, behind all parts, since its part has lost digits. Numbers have it. */
  readonly exactAt?: number;
}

/** The vectors of a space: `width` numbers that say what a configuration is, then the exact values of its numbers. */
export interface Layout {
  /** In the order of the space; computed variables have none. */
  readonly parts: readonly LayoutPart[];
  /** How many numbers a search works on. */
  readonly width: number;
  /** How many numbers a whole vector has. */
  readonly length: number;
}

/** Where each variable stands in the vectors of a space: the same for all its configurations. */
export function layoutOf(space: Space): Layout {
  const variables = space.variables.filter((variable) => kindOf(variable).computed === undefined);
  const widths = variables.map((variable) => kindOf(variable).width(variable));
  const width = widths.reduce((sum, each) => sum + each, 0);
  let offset = 0;
  let length = width;
  const parts = variables.map((variable, index): LayoutPart => {
    const { name, kind } = variable;
    const part = { name, kind, offset, width: widths[index] ?? 0 };
    offset += part.width;
    return kindOf(variable).isRounded === true ? { ...part, exactAt: length++ } : part;
  });
  return { parts, width, length };
}
