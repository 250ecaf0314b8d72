import { UsageError } from "#foundation";

/** One row under the header's names. An empty cell without quotes is absent; `""` is an empty text. */
export interface CsvRecord {
  /** The line of the file that the row starts on, counted from 1. */
  readonly line: number;
  readonly values: Readonly<Record<string, string>>;
}

interface Cell {
  readonly text: string;
  readonly isQuoted: boolean;
}

interface Row {
  readonly line: number;
  readonly cells: readonly Cell[];
}

/**
 * Reads CSV as RFC 4180 has it: quotes, doubled quotes, commas and line breaks within quotes, LF or CRLF, an optional
 * byte order mark. The first row names the columns. Throws `UsageError` with `file:line` for rows of another length, a
 * quote that stays open or stands in the middle of a cell, another separator, and column names that are missing or doubled.
 */
export function readCsv(text: string, file: string): CsvRecord[] {
  const [header, ...rows] = readRows(text.replace(/^\uFEFF/, ""), file).filter(({ cells }) => !isBlank(cells));
  if (header === undefined) return [];
  const names = columnNames(header, file);
  const uneven = rows.filter(({ cells }) => cells.length !== names.length);
  if (uneven.length > 0) {
    const lines = uneven.slice(0, 10).map(({ line, cells }) => {
      return `${file}:${line}: expected ${names.length} cells (${names.join(", ")}), got ${cells.length}`;
    });
    throw new UsageError(`${file}: ${uneven.length} of ${rows.length} rows do not have the header's columns`, lines);
  }
  return rows.map(({ line, cells }) => ({ line, values: recordOf(names, cells) }));
}

function recordOf(names: readonly string[], cells: readonly Cell[]): Record<string, string> {
  const present = names.flatMap((name, index) => {
    const { text, isQuoted } = cells[index] as Cell;
    return text === "" && !isQuoted ? [] : [[name, text] as const];
  });
  return Object.fromEntries(present);
}

function columnNames({ line, cells }: Row, file: string): string[] {
  const names = cells.map(({ text }) => text.trim());
  const [only = ""] = names;
  if (names.length === 1 && /[;\t]/.test(only))
    throw new UsageError(
      `${file}:${line}: the header is separated by ${only.includes(";") ? "semicolons" : "tabs"}: expected commas between the columns, here and in every row`,
    );
  const nameless = names.indexOf("");
  if (nameless >= 0) throw new UsageError(`${file}:${line}: column ${nameless + 1} of the header has no name`);
  const doubled = names.find((name, index) => names.indexOf(name) !== index);
  if (doubled !== undefined) throw new UsageError(`${file}:${line}: two columns of the header are named ${doubled}`);
  return names;
}

function isBlank([cell, ...more]: readonly Cell[]): boolean {
  return more.length === 0 && cell !== undefined && cell.text === "" && !cell.isQuoted;
}

/** A cell as one match: quoted or bare, up to the comma, the line's end or the end of the text that follows. */
const cellPattern = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\n|\r|$)/y;

function readRows(text: string, file: string): Row[] {
  const rows: Row[] = [];
  let cells: Cell[] = [];
  let [line, startLine] = [1, 1];
  cellPattern.lastIndex = 0;
  for (;;) {
    const at = cellPattern.lastIndex;
    const match = cellPattern.exec(text);
    if (match === null) throw new UsageError(`${file}:${line}: ${quoteDefect(text.slice(at))}`);
    const [whole, quoted, bare = "", end = ""] = match;
    cells.push(quoted === undefined ? { text: bare, isQuoted: false } : unquoted(quoted));
    line += whole.match(/\r\n|\n|\r/g)?.length ?? 0;
    if (end === ",") continue;
    rows.push({ line: startLine, cells });
    if (end === "") return rows;
    cells = [];
    startLine = line;
  }
}

function unquoted(quoted: string): Cell {
  return { text: quoted.replaceAll('""', '"'), isQuoted: true };
}

function quoteDefect(rest: string): string {
  if (!rest.startsWith('"')) return "a quote in the middle of a cell; quote the whole cell and double the quotes in it";
  return /^"(?:[^"]|"")*$/.test(rest)
    ? "a quote is opened here and never closed"
    : "text after a closing quote; quotes within a quoted cell are doubled";
}
