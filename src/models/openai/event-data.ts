/**
 * The data of server-sent events (WHATWG HTML, 9.2): lines end in CR, LF or both, several `data` lines are one text,
 * comments and other fields are left out. What follows the last blank line is an event that was cut off, and dropped.
 */
export async function* eventData(texts: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  // Of the line that has not ended yet. Joined only when it has: a line may come in a thousand pieces.
  let begun: string[] = [];
  let data: string[] = [];
  for await (const text of texts) {
    const hasEnd = /[\r\n]/.test(text) || begun.at(-1)?.endsWith("\r") === true;
    begun.push(text);
    if (!hasEnd) continue;
    const all = begun.join("");
    // A CR at the end may be the first half of a CRLF.
    const end = all.endsWith("\r") ? all.length - 1 : all.length;
    const lines = all.slice(0, end).split(/\r\n|\r|\n/);
    begun = [`${lines.pop() ?? ""}${all.slice(end)}`];
    for (const line of lines) {
      if (line.startsWith("data:")) data.push(line.slice(line.startsWith("data: ") ? 6 : 5));
      else if (line === "" && data.length > 0) {
        yield data.join("\n");
        data = [];
      }
    }
  }
}
