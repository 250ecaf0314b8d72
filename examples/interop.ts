import { generateText } from "ai";
import { program, signature } from "tutti";
import { asLanguageModel, asTool } from "tutti/interop";
import { iclModel } from "tutti/models/icl";

const triage = program({ name: "triage", signature: signature('ticket -> queue: "billing" | "technical"') });
const model = iclModel(); // or whatever else execute takes

// A model for everything that takes one of the AI SDK's: the prompt is the input, the answer the output.
const sorter = asLanguageModel(triage, { model });
const { text } = await generateText({ model: sorter, prompt: "Please refund the billing error" });
console.log(text);

// A tool for its models, and for Mastra's createTool({ id: sort.name, ...sort }).
const sort = asTool(triage, { model, description: "Finds the queue of a ticket." });
console.log(await sort.execute({ ticket: "A technical question about the app" }));
