import { AxBootstrapFewShot, AxGEPA, ai, ax } from "@ax-llm/ax";
import type { AxGen, AxMetricFn } from "@ax-llm/ax";
import { systemClock } from "#foundation";
import { heldOutScore } from "../parts/held-out-score.ts";
import type { PeerResult } from "../parts/dspy-row.ts";
import { peerTask } from "../parts/peer-tasks.ts";
import type { PeerRow, PeerTask, PeerTaskName } from "../parts/peer-tasks.ts";
import { serveOfflineModel } from "../parts/served-offline-model.ts";
import type { ServedOfflineModel } from "../parts/served-offline-model.ts";

/** ax's own optimisers: it has these two. */
export type AxAlgorithm = "bootstrap" | "gepa";

export interface AxCase {
  readonly algorithm: AxAlgorithm;
  readonly task: PeerTaskName;
  readonly seed: number;
  readonly delayMs: number;
}

type Service = ReturnType<typeof ai>;
type Classifier = AxGen<Record<string, string>, Record<string, string>>;

/** Runs one of ax's optimisers against the served model, and then its program on the held-out rows. */
export async function axRun({ algorithm, task: name, seed, delayMs }: AxCase): Promise<PeerResult> {
  const task = peerTask(name, seed);
  await using server = await serveOfflineModel(delayMs);
  const classifier = classifierOf(task);
  const before = systemClock.now();
  await optimizers[algorithm]({ classifier, service: endpoint(server, "optimize"), task, seed });
  const wallMs = systemClock.now() - before;
  const calls = await server.callsOf("optimize");
  const score = heldOutScore(task, await predictions(classifier, endpoint(server, "held-out"), task));
  return { score, calls, wallMs };
}

/** The held-out score of ax's prompt without an optimiser. */
export async function axPrompt(task: PeerTask): Promise<number> {
  await using server = await serveOfflineModel();
  return heldOutScore(task, await predictions(classifierOf(task), endpoint(server, "held-out"), task));
}

function endpoint({ url, model }: ServedOfflineModel, apiKey: string): Service {
  const config = { model: model as never, temperature: 0, stream: false };
  return ai({ name: "openai", apiKey, apiURL: url, config });
}

function classifierOf({ instructions, input, output, labels }: PeerTask): Classifier {
  const form = `"${instructions}" ${input}:string -> ${output}:class "${labels.join(", ")}"`;
  return ax(form);
}

interface Optimizing {
  readonly classifier: Classifier;
  readonly service: Service;
  readonly task: PeerTask;
  readonly seed: number;
}

const optimizers: Readonly<Record<AxAlgorithm, (optimizing: Optimizing) => Promise<void>>> = {
  async bootstrap({ classifier, service, task, seed }) {
    const options = { maxDemos: 16, maxExamples: 16, maxRounds: 3 };
    const optimizer = new AxBootstrapFewShot({ studentAI: service, seed, options, ...quiet });
    const rows = examples(task, [...task.train, ...task.validation]);
    const { demos } = await optimizer.compile(classifier, rows, isRight(task));
    if (demos !== undefined) classifier.setDemos(demos as never);
  },
  async gepa({ classifier, service, task, seed }) {
    const optimizer = new AxGEPA({
      studentAI: service,
      teacherAI: service,
      seed,
      numTrials: 30,
      minibatchSize: 32,
      earlyStoppingTrials: 30,
      ...quiet,
    });
    const { optimizedProgram } = await optimizer.compile(classifier, examples(task, task.train), isRight(task), {
      validationExamples: examples(task, task.validation),
      maxMetricCalls: 1000,
      feedbackFn: ({ prediction, example }) => feedback(task, prediction, example),
    });
    if (optimizedProgram !== undefined) classifier.applyOptimization(optimizedProgram);
  },
};

const quiet = { verbose: false, debugOptimizer: false, optimizerLogger: (): void => undefined } as const;

function examples({ input, output }: PeerTask, rows: readonly PeerRow[]): Record<string, string>[] {
  return rows.map(({ x, y }) => ({ [input]: x, [output]: y }));
}

function isRight({ output }: PeerTask): AxMetricFn {
  return ({ prediction, example }) => Number((prediction as Record<string, unknown>)?.[output] === example[output]);
}

function feedback({ output }: PeerTask, prediction: unknown, example: Readonly<Record<string, unknown>>): string {
  const [given, right] = [(prediction as Record<string, unknown> | undefined)?.[output], example[output]];
  return given === right ? "Right." : `The correct answer is "${String(right)}", not "${String(given)}".`;
}

async function predictions(
  classifier: Classifier,
  service: Service,
  { input, output, test }: PeerTask,
): Promise<readonly (string | null)[]> {
  const predicted = async ({ x }: PeerRow): Promise<string | null> => {
    const outputs = await classifier.forward(service, { [input]: x }).catch(() => undefined);
    return outputs?.[output] ?? null;
  };
  return Promise.all(test.map(predicted));
}
