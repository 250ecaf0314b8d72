import { spawnSync } from "node:child_process";
import { dirname, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** Long enough to reach the user's file below our own frames. */
export const stackDepth = 40;

/**
 * Where in the user's files an error came from, as lines: file, line and the source for what Node cannot read, the
 * innermost frame of theirs for what their code threw. None when nobody can tell.
 */
export function errorPlace(path: string, error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  const told = error instanceof SyntaxError ? excerptOf(error.stack ?? "") : [];
  if (told.length > 0) return told;
  const frame = frameOf(path, error);
  if (frame !== undefined) return [frame];
  return error instanceof SyntaxError ? excerptOf(checkedByNode(path)) : [];
}

/** ` (in triage.ts:3:5)` for an error, or a cause of it, that the user's own code threw; else nothing. */
export function thrownAt(path: string, error: Error): string {
  const inner = error.cause instanceof Error ? thrownAt(path, error.cause) : "";
  if (inner !== "") return inner;
  const frame = frameOf(path, error);
  return frame === undefined ? "" : ` (${frame})`;
}

/** The innermost frame in the user's files. */
function frameOf(path: string, { stack = "" }: Error): string | undefined {
  const frame = stack.split("\n").find((line) => isTheirs(line, dirname(path)));
  const place = frame === undefined ? undefined : placePattern.exec(frame)?.[0];
  return place === undefined ? undefined : `in ${shownPlace(place)}`;
}

const placePattern = /(?:file:\/\/)?\/[^():]*(?::\d+)+/;

/** The lines that Node puts above a stack: the place, the source and a mark under it. */
function excerptOf(text: string): string[] {
  const lines = text.split("\n");
  const end = lines.findIndex((line) => /^\w*Error\b/.test(line));
  const [place, ...source] = lines.slice(0, Math.max(0, end)).filter((line) => line.trim() !== "");
  return place === undefined || !placePattern.test(place) ? [] : [`${shownPlace(place)}:`, ...source];
}

/** Node keeps the place of a defect in plain JavaScript to itself, unless it is asked to look at that file alone. */
function checkedByNode(path: string): string {
  return spawnSync(process.execPath, ["--check", path], { encoding: "utf8" }).stderr ?? "";
}

/** In the file's folder or below it, and no package's. */
function isTheirs(line: string, folder: string): boolean {
  const place = placePattern.exec(line)?.[0];
  if (place === undefined || place.includes(`${sep}node_modules${sep}`)) return false;
  return pathOf(place).startsWith(folder === sep ? sep : `${folder}${sep}`);
}

function shownPlace(place: string): string {
  const path = pathOf(place);
  const here = relative(process.cwd(), path);
  return here.startsWith("..") ? path : here;
}

function pathOf(place: string): string {
  const [, file = place, numbers = ""] = /^(.*?)((?::\d+)+)$/.exec(place) ?? [];
  return `${file.startsWith("file://") ? fileURLToPath(file) : file}${numbers}`;
}
