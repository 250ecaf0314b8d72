import { describe, UsageError } from "#foundation";

/**
 * The test whether a variable's name fits a pattern. Segments stand between "." and "/"; `*` stands for one segment,
 * `**` for one or more: `team.*` fits `team.coder`, `team.**` also `team.net.pattern`, `**` every name. Throws
 * `UsageError` for a pattern that no name could fit. Takes time proportional to both lengths at most.
 */
export function namePattern(pattern: string): (name: string) => boolean {
  const wanted = typeof pattern === "string" ? tokensOf(pattern) : [];
  const isPattern = wanted.every((token) => /^(?:\*\*?|[\w-]*|[./])$/.test(token));
  if (!isPattern || wanted.join("") === "")
    throw new UsageError(
      `pattern: expected a name in which "*" stands for one segment and "**" for one or more, got ${describe(pattern)}`,
    );
  return (name) => fits(wanted, tokensOf(name));
}

/** Segments and the separators between them, in turn. */
function tokensOf(text: string): readonly string[] {
  return text.split(/([./])/);
}

function fits(wanted: readonly string[], tokens: readonly string[]): boolean {
  // The places in the pattern that the tokens so far may have led to. Separators match themselves alone, so that a
  // wildcard never stands on one, but for those within a "**".
  let places: ReadonlySet<number> = new Set([0]);
  for (const token of tokens) {
    const next = new Set<number>();
    for (const place of places) {
      const want = wanted[place];
      if (want !== "*" && want !== "**" && want !== token) continue;
      next.add(place + 1);
      if (want === "**") next.add(place);
    }
    places = next;
  }
  return places.has(wanted.length);
}
