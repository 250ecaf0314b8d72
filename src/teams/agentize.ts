import { isPlainObject, messageOf, present, UsageError } from "#foundation";
import type { Json, JsonObject } from "#foundation";
import { teamModule } from "#orchestration";
import type { AgentDraft, TeamCall, TeamModule, TeamReply, WorkContext } from "#orchestration";
import { execute, ModelError, ProgramError } from "#programs";
import type { ExecuteOptions, LanguageModel, Module, Program, Usage } from "#programs";
import { space, validateConfiguration } from "#variables";
import type { Configuration, Variable } from "#variables";
import type { TeamServices } from "./team-program.ts";

export interface AgentizeOptions extends Omit<AgentDraft, "module" | "settings" | "localVariableSpace"> {
  /**
   * What of the program may change in the team, under the paths of its own configuration. A variable starts from the
   * program's value where there is one, else from its default.
   */
  readonly localVariables?: readonly Variable[];
  /** The input that gets what other agents sent, a list of `{from, output}`; none does unless told. */
  readonly inbox?: string;
  /** The output that the agent answers with; all outputs as an object unless told. */
  readonly output?: string;
}

/** The module of every agent that is a program. */
const programAgents = "program";

/**
 * A program as an agent of a team, as plain data: its task are the program's inputs, its answer are the outputs, and
 * its own variables are paths of the program's configuration. The program stays what it is and usable alone. Throws
 * `UsageError` when `inbox` or `output` is none of the signature's fields, or the program's value does not fit a
 * variable. Its code is `programModule()`.
 */
export function agentize(program: Program, options: AgentizeOptions = {}): AgentDraft {
  const { localVariables = [], inbox, output, ...draft } = options;
  const { inputs, outputs } = program.signature;
  const expectField = (name: string | undefined, fields: readonly { readonly name: string }[], what: string): void => {
    if (name === undefined || fields.some((field) => field.name === name)) return;
    const known = fields.map((field) => field.name).join(", ");
    throw new UsageError(`agentize ${program.name}.${what}: expected one of ${known}, got ${name}`);
  };
  expectField(inbox, inputs, "inbox");
  expectField(output, outputs, "output");
  const settings = { program, inbox: inbox ?? null, output: output ?? null } as unknown as JsonObject;
  return {
    ...draft,
    module: programAgents,
    settings,
    localVariableSpace: space(localVariables.map((variable) => asConfigured(program, variable))),
  };
}

/** The variable with the program's present value as its default: as an agent the program starts out as it is. */
function asConfigured({ name, configuration }: Program, variable: Variable): Variable {
  if (!Object.hasOwn(configuration, variable.name)) return variable;
  const own = { [variable.name]: configuration[variable.name] as Json };
  const checked = validateConfiguration(space([variable]), own);
  if (checked.ok) return { ...variable, default: configuration[variable.name] } as Variable;
  const [issue] = checked.issues;
  throw new UsageError(`agentize ${name}.localVariables: ${issue?.path}: ${issue?.expected}, got ${issue?.received}`);
}

export interface ProgramModuleOptions {
  /** The model that agents ask when the request brings none along. */
  readonly model?: LanguageModel;
  readonly models?: Readonly<Record<string, LanguageModel>>;
  readonly modules?: readonly Module[];
}

/**
 * The code of every agentized program. A request that comes from an optimisation brings its own model along, whose
 * calls count against the budget. What the program fails at is a failure of the call, not of the agent.
 */
export function programModule(options: ProgramModuleOptions = {}): TeamModule {
  return teamModule(programAgents, (call, context) => runProgram(call, context, options), { calls: "many" });
}

interface Settings {
  readonly program: Program;
  readonly inbox: string | null;
  readonly output: string | null;
}

async function runProgram(
  call: TeamCall,
  { settings, signal, services }: WorkContext,
  { model, models, modules }: ProgramModuleOptions,
): Promise<TeamReply> {
  const { program, inbox, output } = settings as unknown as Settings;
  const asked = (services ?? {}) as Partial<TeamServices>;
  const seed = program.configuration["seed"] === undefined ? asked.seed?.(call.call ?? 0) : undefined;
  const options: ExecuteOptions = {
    overrides: { ...present({ seed }), ...(call.parameters as Configuration) },
    model: requested(asked) ?? model,
    models,
    modules,
    rollout: asked.rollout,
    signal: asked.signal === undefined ? signal : AbortSignal.any([signal, asked.signal]),
  };
  try {
    const { outputs, usage } = await execute(program, inputsOf(program, call, inbox), options);
    const answer = output === null ? (outputs as Json) : (Reflect.get(outputs, output) as Json);
    return { output: answer, used: usedOf(usage) };
  } catch (error) {
    const modelError = modelErrorIn(error);
    if (modelError !== undefined) asked.onModelError?.(modelError);
    return { output: null, ...failed(error) };
  }
}

function modelErrorIn(error: unknown): ModelError | undefined {
  let cause = error;
  while (cause instanceof Error && !(cause instanceof ModelError)) ({ cause } = cause);
  return cause instanceof ModelError ? cause : undefined;
}

function failed(error: unknown): Pick<TeamReply, "used" | "failure"> {
  const message = messageOf(error);
  if (error instanceof ProgramError) return { used: usedOf(error.usage), failure: { code: error.code, message } };
  return { used: {}, failure: { code: error instanceof UsageError ? "usage" : "aborted", message } };
}

/** The request's model; the module's own where the request came without one. */
function requested({ model }: Partial<TeamServices>): LanguageModel | undefined {
  try {
    return model?.();
  } catch {
    return undefined;
  }
}

/** A task that is an object has the inputs by name; any other one is the program's only input. */
function inputsOf({ signature }: Program, { task, inbox }: TeamCall, field: string | null): object {
  const own = signature.inputs.filter(({ name }) => name !== field);
  const [only] = own;
  const isNamed = isPlainObject(task) && own.some(({ name }) => Object.hasOwn(task, name));
  const inputs = isNamed
    ? Object.fromEntries(own.map(({ name }) => [name, task[name]]).filter(([, value]) => value !== undefined))
    : only === undefined
      ? {}
      : { [only.name]: task };
  return field === null ? inputs : { ...inputs, [field]: inbox };
}

function usedOf({ calls, inputTokens, outputTokens, usd }: Usage): Readonly<Record<string, number>> {
  return { calls, tokens: inputTokens + outputTokens, usd };
}
