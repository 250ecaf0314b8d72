import { appendFileSync } from "node:fs";
import type { Server } from "node:http";
import { serve } from "@hono/node-server";
import { UsageError } from "#foundation";
import type { JsonObject } from "#foundation";
import type { ModelServerOptions, ServedModel } from "#models/server";
import { CliError } from "../cli-error.ts";
import { modelNamed } from "../code/model-named.ts";
import type { ExitCode } from "../exit-code.ts";
import { readKeyValues, readWhole } from "../input/key-values.ts";
import { interruption } from "../interrupt.ts";
import type { Session } from "../session.ts";

export interface ModelServeOptions {
  readonly port: string;
  readonly host: string;
  readonly models: string;
  readonly seed: string;
  readonly token?: string;
  readonly log?: string;
  readonly calls?: string;
  readonly tokens?: string;
  readonly rate?: string;
  readonly delayMs: string;
  readonly fault?: string;
}

const highestPort = 65_535;
const loopback: ReadonlySet<string> = new Set(["127.0.0.1", "::1", "localhost"]);

/** `tutti model serve`: models at an OpenAI-compatible endpoint, until Ctrl-C. */
export async function modelServeCommand(options: ModelServeOptions, session: Session): Promise<ExitCode> {
  const { host } = options;
  const port = readWhole(options.port, "--port", 0);
  if (port > highestPort) throw new UsageError(`--port: expected a port from 0 to ${highestPort}, got ${port}`);
  const token = tokenOf(options);
  if (token === undefined && !loopback.has(host))
    throw new UsageError(`--host ${host}: others reach this address; give a token with --token or TUTTI_MODEL_TOKEN`);
  const { modelServer } = await import("#models/server");
  const models = await servedModels(options);
  const handler = modelServer({ models, ...settings(options), ...(token === undefined ? {} : { token }) });
  // The handler takes a request alone; the adapter also hands over Node's own objects.
  const listening = await listen((request) => handler(request), { port, host });
  const url = `http://${host.includes(":") ? `[${host}]` : host}:${listening.port}/v1`;
  const names = models.map(({ model }) => model.id);
  session.out.print(`${url} serves ${names.join(", ")}; Ctrl-C ends it`);
  session.out.event({ type: "serving", url, models: names });
  await aborted(session.signal);
  await close(listening.server);
  throw interruption(session.signal, "the endpoint is closed");
}

function tokenOf({ token = process.env["TUTTI_MODEL_TOKEN"] }: ModelServeOptions): string | undefined {
  return token === undefined || token.trim() === "" ? undefined : token.trim();
}

async function servedModels({ models, seed }: ModelServeOptions): Promise<ServedModel[]> {
  const { iclModel, modelCardOf } = await import("#models/icl");
  const named = models
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  return Promise.all(
    named.map(async (name): Promise<ServedModel> => {
      const tier = name === "icl-small-1" ? "small" : name === "icl-base-1" || name === "icl" ? "base" : undefined;
      if (tier === undefined) return { model: await modelNamed(name, "--models") };
      return { model: iclModel({ tier, seed }), card: modelCardOf(tier) };
    }),
  );
}

/** What the options say of limits, faults, delay and log. */
function settings(options: ModelServeOptions): Omit<ModelServerOptions, "models"> {
  const { calls, tokens, rate, fault, log } = options;
  const run = {
    ...(calls === undefined ? {} : { calls: readWhole(calls, "--calls", 0) }),
    ...(tokens === undefined ? {} : { tokens: readWhole(tokens, "--tokens", 0) }),
  };
  const perMinute = numbers(rate ?? "", "--rate", ["calls", "tokens"]);
  const rates: [string, number][] = Object.entries(perMinute).map(([name, most]) => [`${name}PerMinute`, most]);
  const names = ["error", "rate_limit", "timeout", "slow", "cut", "reset", "seed", "slowMs"];
  return {
    limits: { run, ...Object.fromEntries(rates) },
    delayMs: readWhole(options.delayMs, "--delay-ms", 0),
    faults: numbers(fault ?? "", "--fault", names),
    ...(log === undefined ? {} : { log: (call) => appendFileSync(log, `${JSON.stringify(call)}\n`) }),
  };
}

function numbers(text: string, option: string, names: readonly string[]): Record<string, number> {
  const values: JsonObject = readKeyValues(text, option);
  for (const [name, value] of Object.entries(values))
    if (!names.includes(name) || typeof value !== "number" || value < 0)
      throw new UsageError(
        `${option}: expected ${names.join(", ")} with numbers of at least 0, got ${name}=${String(value)}`,
      );
  return values as Record<string, number>;
}

interface Listening {
  readonly server: Server;
  readonly port: number;
}

function listen(
  fetch: (request: Request) => Promise<Response>,
  { port, host }: { readonly port: number; readonly host: string },
): Promise<Listening> {
  return new Promise((resolve, reject) => {
    const options = { fetch, port, hostname: host, overrideGlobalObjects: false };
    const server = serve(options, (info) => resolve({ server, port: info.port })) as Server;
    server.once("error", (error) =>
      reject(new CliError("configuration", `${host}:${port}: ${error.message}`, { cause: error })),
    );
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

/** Ends what is under way as well: whoever presses Ctrl-C does not wait for clients. */
function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
