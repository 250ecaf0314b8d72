import { UsageError } from "#foundation";

const space = " \n\t\r";

/** A cursor over a signature's text that skips white space and knows how to complain. */
export class Scanner {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
    this.#skipSpace();
  }

  get position(): number {
    return this.#position;
  }

  atEnd(): boolean {
    return this.#position === this.#text.length;
  }

  atQuote(): boolean {
    return this.at('"') || this.at("'");
  }

  take(token: string): boolean {
    if (!this.at(token)) return false;
    this.#advance(token.length);
    return true;
  }

  expect(token: string, what: string): void {
    if (!this.take(token)) this.fail(what);
  }

  /** Takes one of the words, if it stands here as a whole. */
  takeWord(words: readonly string[]): boolean {
    const word = this.#word();
    if (word === undefined || !words.includes(word)) return false;
    this.#advance(word.length);
    return true;
  }

  name(what: string): string {
    const name = this.#word();
    if (name === undefined) return this.fail(what);
    this.#advance(name.length);
    return name;
  }

  quoted(): string {
    const start = this.#position;
    if (!this.atQuote()) return this.fail("a quoted value");
    const end = this.#text.indexOf(this.#text.charAt(start), start + 1);
    if (end < 0) return this.fail("a quote that ends", start, "a quote without its end");
    this.#advance(end + 1 - start);
    return this.#text.slice(start + 1, end);
  }

  /** The text between two marks, as it stands there; `undefined` when the first one is not here. */
  enclosed(opening: string, closing: string): string | undefined {
    if (!this.at(opening)) return undefined;
    const start = this.#position + opening.length;
    const end = this.#text.indexOf(closing, start);
    if (end < 0) return this.fail(`'${closing}' after it`, this.#position, `a '${opening}' without its end`);
    this.#advance(end + closing.length - this.#position);
    return this.#text.slice(start, end);
  }

  fail(expected: string, at: number = this.#position, problem?: string): never {
    const found = this.#text.slice(at, at + 12).trim();
    const what = problem ?? (found === "" ? "it ends too early" : `unexpected ${JSON.stringify(found)}`);
    // A long text is shown around the place.
    const from = Math.max(0, at - 60);
    const line = this.#text.slice(from, at + 60).replaceAll(/[\n\t\r]/g, " ");
    throw new UsageError(
      `signature: ${what} at column ${at + 1}, expected ${expected}\n  ${line}\n  ${" ".repeat(at - from)}^`,
    );
  }

  /** Whether the token stands here. */
  at(token: string): boolean {
    return this.#text.startsWith(token, this.#position);
  }

  #word(): string | undefined {
    const word = /[A-Za-z_]\w*/y;
    word.lastIndex = this.#position;
    return word.exec(this.#text)?.[0];
  }

  #advance(length: number): void {
    this.#position += length;
    this.#skipSpace();
  }

  #skipSpace(): void {
    while (!this.atEnd() && space.includes(this.#text.charAt(this.#position))) this.#position++;
  }
}
