import { UsageError } from "#foundation";
import type { Json } from "#foundation";
import type { Configuration } from "#variables";
import { normalizedName } from "./module.ts";
import type { Module } from "./module.ts";
import { branchModule } from "./modules/branch.ts";
import { chainOfThoughtModule } from "./modules/chain-of-thought.ts";
import { parallelModule } from "./modules/parallel.ts";
import { predictModule } from "./modules/predict.ts";
import type { Stage } from "./stage.ts";
import { nameStages } from "./stages.ts";

/** The modules that a pipeline may name without bringing them. */
const builtInModules: readonly Module[] = [predictModule, chainOfThoughtModule, parallelModule, branchModule];

/** A stage with the module that runs it. */
export interface Step {
  /** The prefix of its settings: its id, after those of the stages around it. */
  readonly path: string;
  readonly stage: Stage;
  readonly module: Module;
  /** The step around it. */
  readonly outer: Step | undefined;
  readonly inner: readonly Step[];
}

const none: readonly Step[] = [];

/** The stages with their modules. Throws `UsageError` for a module that nobody knows. */
export function stepsOf(stages: readonly Stage[], own: readonly Module[] | undefined, outer?: Step): Step[] {
  return stages.map((stage) => {
    const path = outer === undefined ? stage.id : `${outer.path}.${stage.id}`;
    const module = moduleOf(stage, path, own);
    const inside = stage.stages ?? usualStages(module);
    if (stage.stages === undefined && inside !== undefined) checkEndless(module, path, outer);
    if (inside === undefined) return { path, stage, module, outer, inner: none };
    const inner: Step[] = [];
    const step: Step = { path, stage, module, outer, inner };
    inner.push(...stepsOf(inside, own, step));
    return step;
  });
}

/** All steps in their order, each before those inside it. */
export function allSteps(steps: readonly Step[]): readonly Step[] {
  if (steps.every(({ inner }) => inner.length === 0)) return steps;
  return steps.flatMap((step) => [step, ...allSteps(step.inner)]);
}

/** A module whose usual stage is of the same module, again without stages told, would never end. */
function checkEndless(module: Module, path: string, outer: Step | undefined): void {
  for (let around = outer; around !== undefined; around = around.outer)
    if (around.module === module && around.stage.stages === undefined)
      throw new UsageError(
        `stage ${path}: the module ${module.name} is inside itself. Tell the stages inside this one`,
      );
}

const usual = new WeakMap<Module, readonly Stage[]>();

function usualStages(module: Module): readonly Stage[] | undefined {
  if (module.stages === undefined) return undefined;
  let stages = usual.get(module);
  if (stages === undefined) usual.set(module, (stages = nameStages(module.stages, `module ${module.name}.stages`)));
  return stages;
}

function moduleOf(stage: Stage, path: string, own: readonly Module[] | undefined): Module {
  const name = comparableName(stage);
  const matches = (module: Module): boolean => comparableName(module) === name;
  const found = own?.find(matches) ?? builtInModules.find(matches);
  if (found !== undefined) return found;
  const known = [...(own ?? []), ...builtInModules].map((module) => module.name).join(", ");
  throw new UsageError(
    `stage ${path}: unknown module "${stage.module}"; known are ${known}. Those of tutti/programs/modules and your own are brought along: execute(program, inputs, { modules: [${stage.module}] })`,
  );
}

const comparableNames = new WeakMap<Module | Stage, string>();

/** The name of a module, or of the module that a stage wants, as names are compared; remembered, for every call asks. */
function comparableName(named: Module | Stage): string {
  let name = comparableNames.get(named);
  if (name === undefined) {
    // What a module's factory makes is a stage's draft as well; its `module` is its name then.
    name = normalizedName("module" in named ? named.module : named.name);
    comparableNames.set(named, name);
  }
  return name;
}

/** What the configuration says to a stage: of a name, and by it to the stages inside. */
export function settingOf(step: Step, config: Configuration, name: string): Json | undefined {
  const own = valueAt(config, settingPath(step, name));
  if (own !== undefined) return own;
  for (let outer = step.outer; outer !== undefined; outer = outer.outer) {
    // A name that the module around it reads is said to that one.
    if (outer.module.settings?.includes(name) === true) continue;
    const value = valueAt(config, settingPath(outer, name));
    if (value !== undefined) return value;
  }
  return valueAt(config, name);
}

function valueAt(config: Configuration, path: string): Json | undefined {
  const value = config[path];
  // Most are not there, and to ask whether they are costs more than to find nothing.
  return value === undefined || Object.hasOwn(config, path) ? value : undefined;
}

const knownPaths = new WeakMap<Stage, { readonly prefix: string; readonly paths: Map<string, string> }>();

/** `<stage>.<name>`, remembered: a text that is put together anew for every call is hashed anew for every lookup. */
function settingPath({ path: prefix, stage }: Step, name: string): string {
  let known = knownPaths.get(stage);
  // The usual stages inside a module's stages are the same ones everywhere.
  if (known?.prefix !== prefix) knownPaths.set(stage, (known = { prefix, paths: new Map() }));
  let path = known.paths.get(name);
  if (path === undefined) known.paths.set(name, (path = `${prefix}.${name}`));
  return path;
}

/** Whether a step, or one inside it, reads a setting; `undefined` where one does not tell what it reads. */
function readsSetting({ module, inner }: Step, name: string): boolean | undefined {
  if (module.settings?.includes(name) === true) return true;
  const inside = inner.map((step) => readsSetting(step, name));
  if (inside.includes(true)) return true;
  return module.settings === undefined || inside.includes(undefined) ? undefined : false;
}

/**
 * Throws `UsageError` for a configuration path that nobody reads: of a stage that is not there, or with a name that its
 * module does not know. Paths of other scopes (`coder/temperature`, `team.net.pattern`) are left to their owners.
 */
export function checkPaths(steps: readonly Step[], paths: readonly string[], what: string): void {
  const issues = paths.flatMap((path) => pathIssue(steps, path) ?? []);
  if (issues.length > 0)
    throw new UsageError(`${what}: nobody would read ${issues.length === 1 ? "this" : "these"}`, issues);
}

function pathIssue(steps: readonly Step[], path: string): string | undefined {
  if (path.includes("/") || path.startsWith("team.")) return undefined;
  const dot = path.lastIndexOf(".");
  if (dot < 0) {
    if (steps.some((step) => readsSetting(step, path) !== false)) return undefined;
    return `${path}: settings are ${settingsOf(steps)}`;
  }
  const [id, name] = [path.slice(0, dot), path.slice(dot + 1)];
  const all = allSteps(steps);
  const step = all.find((each) => each.path === id);
  if (step === undefined)
    return `${path}: there is no stage ${id}; stages are ${all.map((each) => each.path).join(", ")}`;
  return readsSetting(step, name) === false ? `${path}: settings of ${id} are ${settingsOf([step])}` : undefined;
}

function settingsOf(steps: readonly Step[]): string {
  return [...new Set(allSteps(steps).flatMap(({ module }) => module.settings ?? []))].join(", ");
}
