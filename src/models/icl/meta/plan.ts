import { isPlainObject } from "#foundation";
import type { Json } from "#foundation";
import type { Task } from "../dialects/task.ts";
import { cosine } from "../words/cosine.ts";
import { wholeLiteral } from "../dialects/python-literal.ts";
import { materialText, nameKey } from "./material.ts";
import type { MetaMind, MetaPrompt } from "./meta-answer.ts";

const goalKeys = ["goal", "task", "request", "objective", "question", "query"];
const agentKeys = ["agents", "agentdescriptions", "team", "workers", "kinds", "tools", "capabilities"];
const asked = /^(?:plan|steps|subtasks)$/;

/** Somebody who can do a step. */
interface Worker {
  readonly name: string;
  readonly description: string;
}

/** A manager's question for steps: parts of the goal, each for the worker whose words are most like it. */
export const plan: MetaPrompt = {
  name: "plan",
  asked: (task) => {
    const isManager = task.demos.length === 0 && materialText(task, goalKeys) !== "" && workersOf(task).length > 0;
    return isManager ? task.outputs.filter(({ name }) => asked.test(nameKey(name))) : [];
  },
  answer: (task, outputs, mind) => {
    const workers = workersOf(task);
    const steps = assign(materialText(task, goalKeys), workers, mind);
    const lines = steps.map(({ worker, part }) => (part === "" ? worker : `${worker}: ${part}`));
    const values = outputs.map(({ name, type }): [string, Json] => {
      if (type.kind === "json" || (type.kind === "list" && type.item.kind !== "string")) return [name, records(steps)];
      return [name, type.kind === "list" ? lines : lines.map((line, index) => `${index + 1}. ${line}`).join("\n")];
    });
    return {
      values: new Map(values),
      because: `${workers.length} can do steps: ${steps.map(({ worker }) => worker).join(", ")} were chosen`,
    };
  },
};

interface PlannedStep {
  readonly worker: string;
  readonly part: string;
}

function assign(goal: string, workers: readonly Worker[], { features }: MetaMind): PlannedStep[] {
  const parts = goal.split(/[.;\n]+|,?\s+(?:and\s+)?then\s+|,\s+(?:and\s+)?/i).map((part) => part.trim());
  const known = workers.map(({ name, description }) => ({ name, words: features(`${name} ${description}`) }));
  const found = parts.flatMap((part): PlannedStep[] => {
    const likeness = known.map(({ words }) => cosine(features(part), words));
    const best = Math.max(...likeness);
    const worker = known[likeness.indexOf(best)]?.name;
    return part === "" || best <= 0 || worker === undefined ? [] : [{ worker, part }];
  });
  // A goal that names nobody's work is everybody's, in the order of the prompt.
  return found.length > 0 ? found : workers.map(({ name }) => ({ worker: name, part: "" }));
}

function records(steps: readonly PlannedStep[]): Json[] {
  const seen = new Map<string, number>();
  const ids = steps.map(({ worker }) => {
    const count = (seen.get(worker) ?? 0) + 1;
    seen.set(worker, count);
    return count === 1 ? worker : `${worker}_${count}`;
  });
  return steps.map(({ worker }, index) => ({
    id: ids[index] ?? worker,
    kind: worker,
    needs: ids.slice(Math.max(0, index - 1), index),
  }));
}

/** Names with descriptions: a JSON record or list, or lines "name: description". */
function workersOf(task: Task): Worker[] {
  const text = materialText(task, agentKeys);
  const value = wholeLiteral(text);
  if (Array.isArray(value)) return value.flatMap(workerOf);
  if (isPlainObject(value)) return Object.entries(value).map(([name, told]) => ({ name, description: String(told) }));
  return text.split("\n").flatMap((line): Worker[] => {
    const { name, description = "" } =
      /^\s*[-*]?\s*(?<name>[\w -]{1,40}?)(?:\s*:\s*(?<description>.*))?$/.exec(line)?.groups ?? {};
    return name === undefined || name.trim() === "" ? [] : [{ name: name.trim(), description }];
  });
}

function workerOf(item: Json): Worker[] {
  if (typeof item === "string") return [{ name: item, description: "" }];
  if (!isPlainObject(item)) return [];
  const { name, id, description = "" } = item as Readonly<Record<string, Json>>;
  const called = typeof name === "string" ? name : id;
  return typeof called === "string" ? [{ name: called, description: String(description) }] : [];
}
