import { execute, predict, program, signature } from "tutti";
import { iclModel } from "tutti/models/icl";
import { bestOfN, bm25, react, retrieve, tool } from "tutti/programs/modules";
import { executePipeline } from "tutti/programs/pipelines";

const model = iclModel();

// Tools: a module with code is the stage, and is brought along with every call.
const track = tool({
  name: "track",
  description: "When an order arrives",
  input: "order: string(/^[A-Z]-[0-9]+$/)",
  execute: ({ order }) => `${order} arrives on 2026-03-01`,
});
const clerk = react({ tools: [track], maxSteps: 4 });
const tell = program({ name: "tell", signature: signature("question -> arrives: date"), pipeline: [clerk] });
const told = await execute(tell, { question: "When does order A-4711 arrive?" }, { model, modules: [clerk] });
console.log(told.outputs.arrives);

// Retrieval: what was found is an output; the next stage's signature takes it.
const lookUp = retrieve({ from: bm25(["Lamps are in aisle 4.", "Chairs are in aisle 9."]), k: 1 });
const read = bestOfN({
  n: 3,
  score: ({ aisle }) => (typeof aisle === "number" ? 1 : 0),
  stage: predict({ signature: signature("question, passages: string[] -> aisle: int") }),
});
const guide = program({ name: "guide", signature: signature("question -> aisle: int"), pipeline: [lookUp, read] });
const modules = [lookUp, read];
console.log((await execute(guide, { question: "Where are the chairs?" }, { model, modules })).outputs.aisle);

// Whole programs, functions and checks in a row (or, with `needs`, as a graph).
const result = await executePipeline(
  [
    { type: "program", program: guide },
    { type: "validation", check: ({ aisle }) => (Number(aisle) < 20 ? [] : ["there are 20 aisles"]) },
    { type: "function", run: ({ aisle }) => ({ sign: `→ ${String(aisle)}` }) },
  ],
  { question: "Where are the lamps?" },
  { model, modules, onError: { maxRetries: 1 } },
);
console.log(result.ok ? result.outputs["sign"] : result.failure.error);
