import { isPlainObject } from "#foundation";
import { Defect } from "./body-field.ts";
import { invalid } from "./openai-error.ts";

/** The JSON object of a request's body. Throws `Defect` for a longer one and for anything else. */
export async function readBody(request: Request, maxBytes: number): Promise<Readonly<Record<string, unknown>>> {
  const announced = Number(request.headers.get("content-length") ?? 0);
  if (announced > maxBytes) throw tooLong(maxBytes);
  const text = await readText(request, maxBytes);
  const body = parsed(text);
  if (!isPlainObject(body)) throw new Defect(invalid("", "the body is no JSON object", "invalid_json"));
  return body;
}

async function readText(request: Request, maxBytes: number): Promise<string> {
  const decoder = new TextDecoder();
  let [text, size] = ["", 0];
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > maxBytes) throw tooLong(maxBytes);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function tooLong(maxBytes: number): Defect {
  return new Defect({
    status: 413,
    type: "invalid_request_error",
    code: "request_too_large",
    message: `the body is longer than ${maxBytes} bytes`,
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
