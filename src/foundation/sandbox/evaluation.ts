/** How often a program is run at most when the machine keeps it waiting. */
export const maxAttempts = 3;

/** What a process is asked to do. All of it is text: nothing else crosses into the program's realm. */
export interface Evaluation {
  readonly source: string;
  /** The JSON text of a list of argument lists. */
  readonly inputs: string;
  /** How many argument lists there are. */
  readonly calls: number;
  readonly timeoutMs: number;
  readonly maxResultChars: number;
}

/** What it answers. */
export interface Evaluated {
  /** What was wrong with the source. */
  readonly defect: string | undefined;
  /** Whether the time was over before there was a function. */
  readonly isStuck: boolean;
  /** For each call that ended, in order: a letter, then a JSON text or a message. */
  readonly outcomes: readonly string[];
  /** What the process holds in memory afterwards, in bytes. */
  readonly residentBytes: number;
}
