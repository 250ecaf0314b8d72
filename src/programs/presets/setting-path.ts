import { describe, isPlainObject, UsageError } from "#foundation";

/** Whose setting a preset varies. */
export interface PresetPlace {
  /** The stage that alone reads it: the path is `<stage>.temperature`. Every stage, `temperature`, unless told. */
  readonly stage?: string;
}

/**
 * The path of a setting and the preset's options without the place. Throws `UsageError` for options or a stage that
 * are none.
 */
export function placed<T extends PresetPlace>(
  setting: string,
  options: T,
): { readonly path: string; readonly rest: Omit<T, "stage"> } {
  if (!isPlainObject(options))
    throw new UsageError(`${setting}: expected options like { stage: "predict" }, got ${describe(options)}`);
  const { stage, ...rest } = options as T & PresetPlace;
  if (stage === undefined) return { path: setting, rest };
  if (typeof stage !== "string" || stage === "")
    throw new UsageError(`${setting}.stage: expected the id of a stage, got ${describe(stage)}`);
  return { path: `${stage}.${setting}`, rest };
}
