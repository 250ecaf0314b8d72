import { join } from "node:path";
import { expect, test } from "vitest";
import { signature } from "#programs";
import { readExamplesFile } from "../../../src/cli/input/examples-file.ts";
import { readInputs } from "../../../src/cli/input/program-inputs.ts";
import { workplace } from "../workplace.ts";

const triage = signature("ticket -> queue, reason?");

/** What is noted while the file is read. */
async function read(name: string, content: string): Promise<string[]> {
  const place = workplace();
  place.write(name, content);
  const notes: string[] = [];
  await readExamplesFile(join(place.path, name), triage, (text) => notes.push(text));
  return notes;
}

test("columns of other names: found and expected ones are named", async () => {
  const found = "found text, queue; expected ticket and queue, reason";
  await expect(read("a.jsonl", '{"text":"x","queue":"a"}\n')).rejects.toThrow(`no record has ticket: ${found}`);
  await expect(read("a.csv", "text,queue\nx,a\n")).rejects.toThrow(`no record has ticket: ${found}`);
  const [note] = await read("a.csv", "ticket,label\nx,a\n");
  expect(note).toContain("no record has queue, reason: found ticket, label; expected ticket and queue, reason");
  expect(await read("a.csv", "ticket,queue\nx,a\n")).toEqual([]);
});

test("a file without rows, and one with another separator", async () => {
  await expect(read("a.csv", "ticket,queue\n")).rejects.toThrow("but there are no rows below the header");
  await expect(read("a.csv", "\n")).rejects.toThrow("but the file is empty");
  await expect(read("a.csv", "ticket;queue\nx, y;a\n")).rejects.toThrow(
    "a.csv:1: the header is separated by semicolons: expected commas",
  );
});

test("inputs that do not fit are told as inputs", async () => {
  const counting = signature("n: int, text -> answer");
  await expect(readInputs(counting, { input: ["n=3.5"] })).rejects.toThrow(
    /^the inputs do not fit the program\n {2}- --input n: expected .*int.*; --input text: expected string/,
  );
});
