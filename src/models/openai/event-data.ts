/**
 * The data of server-sent events (WHATWG HTML, 9.2): lines end in CR, LF or both, several `data` lines are one text,
 * comments and other fields are left out. What follows the last blank line is an event that was cut off, and dropped.
 */
export async function* eventData(texts: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  let rest = "";
  let data: string[] = [];
  for await (const text of texts) {
    rest += text;
    // A CR at the end may be the first half of a CRLF.
    const end = rest.endsWith("\r") ? rest.length - 1 : rest.length;
    const lines = rest.slice(0, end).split(/\r\n|\r|\n/);
    rest = `${lines.pop() ?? ""}${rest.slice(end)}`;
    for (const line of lines) {
      if (line.startsWith("data:")) data.push(line.slice(line.startsWith("data: ") ? 6 : 5));
      else if (line === "" && data.length > 0) {
        yield data.join("\n");
        data = [];
      }
    }
  }
}
