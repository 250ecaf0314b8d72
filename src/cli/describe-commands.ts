import { Command } from "commander";
import type { OptionValues } from "commander";
import type { EvalOptions } from "./commands/eval.ts";
import type { ModelServeOptions } from "./commands/model-serve.ts";
import type { OptimizeOptions } from "./commands/optimize.ts";
import type { ExitCode } from "./exit-code.ts";
import type { Session } from "./session.ts";
import { tuttiVersion } from "./version.ts";

/** What a command does. It loads its module only then, so that nobody waits for the others'. */
type Act = (session: Session, words: readonly string[], options: OptionValues) => Promise<ExitCode>;

/** Turns what a command does into what commander calls. */
export type Perform = (act: Act) => (...call: unknown[]) => Promise<void>;

/** Every command with its options, as `--help` shows them. */
export function describeCommands(perform: Perform): Command {
  const root = new Command("tutti")
    .description("Programs of language models that tune themselves.")
    .version(tuttiVersion())
    .option("--store <path>", "the store's file (default: $TUTTI_STORE or .tutti/tutti.db)")
    .option(
      "--model <name>",
      "icl (offline), http://host/v1#model-id or openai/…, as programs name it; default: the file's own, else icl",
    )
    .option("--json", "one JSON object a line on stdout, the last of type result")
    .configureHelp({ showGlobalOptions: true })
    .exitOverride();
  addRun(root, perform);
  addEval(root, perform);
  addOptimize(root, perform);
  addPrograms(root, perform);
  addRuns(root, perform);
  addDoctor(root, perform);
  addDemo(root, perform);
  addModel(root, perform);
  addMcp(root, perform);
  return root;
}

function addRun(root: Command, perform: Perform): void {
  const act: Act = async (session, [file = ""], options) => {
    const { runCommand } = await import("./commands/run.ts");
    return runCommand(file, options, session);
  };
  root
    .command("run <file>")
    .description("execute a program of a .ts or .js file once")
    .option("--input <name=value>", "one input; repeat it for several", (value, all: string[]) => [...all, value], [])
    .option("--json-input <json>", "all inputs as a JSON object; without either, it is read from stdin")
    .option("--program <name>", "which one, if the file exports several")
    .option("--from <run>", "with the configuration that this run chose")
    .action(perform(act));
}

function addEval(root: Command, perform: Perform): void {
  const act: Act = async (session, [file = ""], options) => {
    const { evalCommand } = await import("./commands/eval.ts");
    return evalCommand(file, options as EvalOptions, session);
  };
  root
    .command("eval <file>")
    .description("score a program on examples")
    .requiredOption("--data <examples>", "a .jsonl or .csv file")
    .option("--min-score <score>", "exit with 3 below this score")
    .option("--concurrency <n>", "examples at once", "8")
    .option("--program <name>", "which one, if the file exports several")
    .option("--from <run>", "with the configuration that this run chose")
    .action(perform(act));
}

function addOptimize(root: Command, perform: Perform): void {
  const act: Act = async (session, [file = ""], options) => {
    const { optimizeCommand } = await import("./commands/optimize.ts");
    return optimizeCommand(file, options as OptimizeOptions, session);
  };
  root
    .command("optimize <file>")
    .description("search a better configuration of a program on examples")
    .requiredOption("--train <examples>", "to learn from, .jsonl or .csv")
    .option("--validation <examples>", "to choose the winner by (default: a random half of --train)")
    .option("--test <examples>", "held out, for the honest comparison at the end")
    .option(
      "--teleprompter <name[:key=value,…]>",
      "bootstrap_few_shot, random_search, evolution, tpe, qmc, …",
      "bootstrap_few_shot",
    )
    .option("--budget <limits>", "hard limits: evaluations=30,calls=5000,tokens=…,usd=…,ms=…")
    .option("--cost-weight <weights>", "points of score for a unit of an example's cost: usd=10,calls=…,tokens=…")
    .option("--max-prompt-tokens <n>", "the most tokens that texts and demonstrations of a prompt may have")
    .option("--seed <seed>", "where all chance comes from (default: a new one, which is shown)")
    .option("--concurrency <n>", "examples at once", "8")
    .option("--deterministic", "equal runs take equal ways, at the cost of some idle time")
    .option("--learn", "try first what earlier runs found for tasks like this one")
    .option("--warm-start <run>", "the same from this run alone")
    .option("--require-gain", "exit with 3 when the gain is not significant")
    .option("--scope <name>", "runs on one scope come one after the other (default: the program)")
    .option("--no-wait", "end with an error where another run is at work on the scope")
    .option("--dry-run", "say what it would cost, ask no model and store nothing")
    .option("--program <name>", "which one, if the file exports several")
    .action(perform(act));
}

function addPrograms(root: Command, perform: Perform): void {
  const programs = root.command("programs").description("stored programs: ls, show");
  const ls: Act = async (session) => (await import("./commands/programs.ts")).listProgramsCommand(session);
  const show: Act = async (session, [id = ""]) =>
    (await import("./commands/programs.ts")).showProgramCommand(id, session);
  programs.command("ls").description("all programs of the store").action(perform(ls));
  programs.command("show <id>").description("one program, its configuration and its runs").action(perform(show));
}

function addRuns(root: Command, perform: Perform): void {
  const runs = root.command("runs").description("optimisation runs: ls, show, attach, report, pause, resume, stop");
  const ls: Act = async (session) => (await import("./commands/runs.ts")).listRunsCommand(session);
  const show: Act = async (session, [id = ""]) => (await import("./commands/runs.ts")).showRunCommand(id, session);
  const report: Act = async (session, [id = ""], options) =>
    (await import("./commands/run-report.ts")).runReportCommand(id, options, session);
  const attach: Act = async (session, [id = ""]) =>
    (await import("./commands/attach-run.ts")).attachRunCommand(id, session);
  const pause: Act = async (session, [id = ""]) =>
    (await import("./commands/run-requests.ts")).pauseRunCommand(id, session);
  const resume: Act = async (session, [id = ""]) =>
    (await import("./commands/run-requests.ts")).resumeRunCommand(id, session);
  const stop: Act = async (session, [id = ""]) =>
    (await import("./commands/run-requests.ts")).stopRunCommand(id, session);
  runs.command("ls").description("all runs of the store").action(perform(ls));
  runs.command("show <run>").description("what a run was started with, found and cost").action(perform(show));
  runs.command("attach <run>").description("watch a run that another process drives").action(perform(attach));
  runs
    .command("report <run>")
    .description("the way there, every candidate and what it changed, what matters, what it cost")
    .option("-o, --output <file>", "as one HTML file with pictures, in place of text")
    .option("--force", "write over the file if it exists")
    .action(perform(report));
  runs.command("pause <run>").description("pause a run in the process that drives it").action(perform(pause));
  runs.command("resume <run>").description("go on; nothing that was paid for is done again").action(perform(resume));
  runs.command("stop <run>").description("end a run with what it has").action(perform(stop));
}

function addDoctor(root: Command, perform: Perform): void {
  const act: Act = async (session, _, options) =>
    (await import("./commands/doctor.ts")).doctorCommand(options, session);
  root
    .command("doctor")
    .description("whether this machine has what tutti needs")
    .option("--port <port>", "also check that a port of 127.0.0.1 is free")
    .action(perform(act));
}

function addDemo(root: Command, perform: Perform): void {
  const act: Act = async (session, [name = "triage"], options) =>
    (await import("./commands/demo.ts")).demoCommand(name, options, session);
  root
    .command("demo [name]")
    .description("a demonstration that needs no key and no network; triage unless named")
    .option("--seed <number>", "the seed of its data and its search", "1")
    .action(perform(act));
}

function addModel(root: Command, perform: Perform): void {
  const model = root.command("model").description("models over HTTP: serve");
  const act: Act = async (session, _, options) => {
    const { modelServeCommand } = await import("./commands/model-serve.ts");
    return modelServeCommand(options as ModelServeOptions, session);
  };
  model
    .command("serve")
    .description("serve models at an OpenAI-compatible endpoint, until Ctrl-C")
    .option("--port <port>", "0: any free one", "0")
    .option("--host <address>", "one that others reach needs a token", "127.0.0.1")
    .option("--models <names>", "icl-base-1, icl-small-1 or names as --model takes them", "icl-base-1,icl-small-1")
    .option("--seed <seed>", "where the offline model's chance starts", "0")
    .option("--token <token>", "wanted as a bearer token (default: $TUTTI_MODEL_TOKEN, which ps does not show)")
    .option("--log <file>", "append a JSON line for each call: counts and times, no contents")
    .option("--calls <n>", "the most calls of one run (header x-tutti-run, else the key)")
    .option("--tokens <n>", "the most tokens of one run")
    .option("--rate <limits>", "of one run in a minute: calls=60,tokens=100000")
    .option("--delay-ms <ms>", "a simulated delay of every answer", "0")
    .option("--fault <shares>", "simulated faults: error=0.1,rate_limit=…,timeout=…,slow=…,cut=…,reset=…,seed=1")
    .action(perform(act));
}

function addMcp(root: Command, perform: Perform): void {
  const mcp = root.command("mcp").description("programs as tools for MCP clients: serve");
  const act: Act = async (session, files, options) => {
    const { mcpServeCommand } = await import("./commands/mcp-serve.ts");
    return mcpServeCommand(files, options, session);
  };
  mcp
    .command("serve [files...]")
    .description("serve the programs of .ts or .js files over stdio, to the MCP client that starts this command")
    .option("--stored", "also those of the store, as they were tuned")
    .option("--program <name>", "this one alone, if the files export several")
    .option("--from <run>", "with the configuration that this run chose")
    .action(perform(act));
}
