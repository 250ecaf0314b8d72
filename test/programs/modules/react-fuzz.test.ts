import fc from "fast-check";
import { expect, test } from "vitest";
import { execute, program, ProgramError, signature } from "#programs";
import { react, tool } from "#programs/modules";
import { scriptedModel } from "#testing";

const look = tool({ name: "look", description: "Looks", input: "word: string", execute: ({ word }) => word });
const stage = react({ tools: [look], maxSteps: 3 });
const target = program({ name: "qa", signature: signature("question -> answer, sure: bool"), pipeline: [stage] });
const calling = (input: string): string => `[[ ## calls ## ]]\n${JSON.stringify([{ tool: "look", input }])}\n`;

test("whatever a model says, there is an answer of the signature's types or a ProgramError", async () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom("[[ ## calls ## ]]\n", "[[ ## thought ## ]]", "[[ ## answer ## ]]\n", "\n[[ ## sure ## ]]\ntrue\n"),
    fc.json().map((text) => `[[ ## calls ## ]]\n${text}\n`),
    fc.json().map(calling),
    fc.constant(`[[ ## calls ## ]]\n${"[".repeat(5000)}`),
  );
  const call = fc.record({
    id: fc.string(),
    name: fc.constantFrom("look", "toString", ""),
    input: fc.oneof(fc.json(), fc.string()),
  });
  const reply = fc.record({
    text: fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join("")),
    toolCalls: fc.array(call, { maxLength: 3 }),
  });
  const conversation = fc.tuple(fc.boolean(), fc.array(reply, { minLength: 1, maxLength: 6 }));
  await fc.assert(
    fc.asyncProperty(conversation, async ([tools, replies]) => {
      const said = scriptedModel((_, { index }) => replies[index % replies.length] ?? "");
      const model = { ...said, supports: { tools } };
      const outcome = await execute(target, { question: "?" }, { model, modules: [stage] }).catch(
        (error: unknown) => error,
      );
      if (outcome instanceof ProgramError) expect(outcome.code).toBe("unusable_reply");
      else
        expect(outcome).toHaveProperty("outputs", {
          answer: expect.any(String),
          sure: expect.any(Boolean),
        });
    }),
    { numRuns: 300, seed: 7 },
  );
});
