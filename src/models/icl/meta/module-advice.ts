import { isPlainObject } from "#foundation";
import type { Json, JsonObject } from "#foundation";
import { wholeLiteral } from "../dialects/python-literal.ts";
import type { Task } from "../dialects/task.ts";
import { labelWords } from "../labels/label-words.ts";
import { stems } from "../words/features.ts";
import { inductionStyle } from "./induction-style.ts";
import { induceRules, tellingWords } from "./induction.ts";
import { labelledOutputs } from "./labelled-cases.ts";
import { flatText, hasInput, listIn, materialText, nameKey } from "./material.ts";
import type { MetaMind, MetaPrompt } from "./meta-answer.ts";
import { readMetaExamples } from "./meta-example.ts";
import { ruleText } from "./rule-text.ts";

const asked = /^(?:moduleadvice|advice)$/;
const needed = new Set(["betterprogramtrajectory", "worseprogramtrajectory", "bettertrajectory", "worsetrajectory"]);
const maxKeywords = 4;
const discussed = /^discussion$/;

/** So many cases tell more than the contrast alone. */
const minCases = 8;

/**
 * SIMBA's question what a module should have done: a rule from what a better run answered and a worse one did not; where
 * the prompt has further cases of the module, the rules that these bear out.
 */
export const moduleAdvice: MetaPrompt = {
  name: "module advice",
  asked: (task) => (hasInput(task, needed) ? task.outputs.filter(({ name }) => asked.test(nameKey(name))) : []),
  answer: (task, outputs, mind) => {
    const advice = adviceByModule(task, mind);
    const lines = Object.entries(advice).map(([name, text]) => `${name}: ${text}`);
    const values = outputs.map(({ name, type }): [string, Json] => [
      name,
      type.kind === "string" ? lines.join("\n") : advice,
    ]);
    const because = lines.join(" ");
    const discussion = task.outputs
      .filter(({ name }) => discussed.test(nameKey(name)))
      .map(({ name }): [string, Json] => [name, because]);
    return { values: new Map([...values, ...discussion]), because };
  },
};

const nothingToSay = "The two runs do not differ here: answer as before.";

interface Step {
  readonly inputs: JsonObject;
  readonly outputs: JsonObject;
}

function adviceByModule(task: Task, mind: MetaMind): Record<string, string> {
  const [better, worse] = [
    steps(materialText(task, ["betterprogramtrajectory", "bettertrajectory"])),
    steps(materialText(task, ["worseprogramtrajectory", "worsetrajectory"])),
  ];
  const oracle = record(materialText(task, ["oraclemetadata", "labels", "expected"]));
  const inputs = record(materialText(task, ["programinputs", "inputs"]));
  const named = listIn(materialText(task, ["modulenames"]))?.filter((name) => typeof name === "string") ?? [];
  const names = named.length > 0 ? named : [...new Set([...better.keys(), ...worse.keys()])];
  const cases = record(materialText(task, ["exampleswithfeedback"]));
  return Object.fromEntries(
    names.map((name) => {
      const learnt = learntFrom(cases[name], task, mind);
      if (learnt !== "") return [name, learnt];
      const [good, bad] = [better.get(name), worse.get(name)];
      // Of a module that did not run while others did there is nothing to say.
      if (good === undefined && bad === undefined && better.size + worse.size > 0) return [name, nothingToSay];
      const seen = good?.inputs ?? bad?.inputs ?? inputs;
      return [name, advise(seen, { good: good?.outputs ?? {}, bad: bad?.outputs ?? {}, oracle }, mind)];
    }),
  );
}

/** The rules that a module's cases bear out, one a line; none where there are few. */
function learntFrom(cases: Json | undefined, task: Task, mind: MetaMind): string {
  const examples = cases === undefined ? [] : readMetaExamples(JSON.stringify(cases));
  if (examples.length < minCases) return "";
  const outputs = labelledOutputs(examples, []);
  const style = inductionStyle(task, mind);
  const rules = outputs.flatMap((output) =>
    induceRules(output.cases, style).map((rule) => ruleText(rule, outputs.length > 1 ? output.name : "")),
  );
  return rules.join("\n");
}

interface Contrast {
  readonly good: JsonObject;
  readonly bad: JsonObject;
  readonly oracle: JsonObject;
}

/** One rule for each output in which the two runs differ, or in which the worse one missed what is known to be right. */
function advise(inputs: JsonObject, { good, bad, oracle }: Contrast, { sampling, rng }: MetaMind): string {
  const names = [...new Set([...Object.keys(good), ...Object.keys(bad), ...Object.keys(oracle)])];
  const outputs = names.filter((name) => !/reasoning|rationale/i.test(name) && !Object.hasOwn(inputs, name));
  const rules = outputs.flatMap((name) => {
    const right = flatText(oracle[name] ?? good[name] ?? null).trim();
    const wrong = flatText(bad[name] ?? null).trim();
    if (right === "" || right === wrong || right.split(/\s+/).length > 6) return [];
    const known = new Set([...labelWords(wrong), ...stems(wrong)]);
    const all = tellingWords(flatText(inputs), (stemmed) => known.has(stemmed));
    const count = sampling.temperature > 0 ? 1 + Math.floor(rng.fork(name).next() * maxKeywords) : maxKeywords;
    const keywords = all.slice(0, count);
    return keywords.length === 0
      ? []
      : [ruleText({ label: right, keywords }, outputs.length > 1 && names.length > 1 ? name : "")];
  });
  return rules.length === 0 ? nothingToSay : rules.join("\n");
}

/** The steps of a trajectory by module; of a module that ran several times, the last. */
function steps(text: string): Map<string, Step> {
  const all = listIn(text) ?? [];
  return new Map(
    all.flatMap((item): [string, Step][] => {
      if (!isPlainObject(item)) return [];
      const { module_name: name = "", inputs = {}, outputs = {} } = item;
      return [[String(name), { inputs: asRecord(inputs), outputs: asRecord(outputs) }]];
    }),
  );
}

function record(text: string): JsonObject {
  return asRecord(wholeLiteral(text) ?? {});
}

function asRecord(value: Json): JsonObject {
  return isPlainObject(value) ? value : {};
}
