import type { EvaluateWork, ExampleResult, Incumbent, Task, Teleprompter } from "#optimize";
import { noUsage, program, signature } from "#programs";
import { seededRng } from "#foundation";
import { choice, float, integer, permutation, space } from "#variables";
import type { Configuration } from "#variables";

/** A team's space, in the groups of `teamSpace`: what belongs to an agent or a topology is there only with it. */
export const crewSpace = space(
  [
    permutation("team.crew", ["ann", "bob", "cid"], { min: 1, max: 3, group: "agent_selection" }),
    choice("team.net", ["ring", "star", "parallel"], { group: "topology" }),
    choice("team.net.hub", ["ann", "bob", "cid"], { group: "topology" }),
    float("team.time.ann", { min: 0, max: 1, default: 0.5, group: "resources" }),
    float("team.time.bob", { min: 0, max: 1, default: 0.5, group: "resources" }),
    float("team.time.cid", { min: 0, max: 1, default: 0.5, group: "resources" }),
    float("bob/heat", { min: 0, max: 1, default: 0.5, group: "parameters" }),
    integer("cid/rounds", { min: 1, max: 9, default: 5 }),
  ],
  {
    when: {
      "team.net.hub": { "team.net": "star" },
      "team.time.ann": { "team.crew": { includes: "ann" } },
      "team.time.bob": { "team.crew": { includes: "bob" } },
      "team.time.cid": { "team.crew": { includes: "cid" } },
      "bob/heat": { "team.crew": { includes: "bob" } },
      "cid/rounds": { "team.crew": { includes: "cid" } },
    },
  },
);

/** One value that is not the default in each group, and a path that the space does not name. */
export const crewBaseline: Configuration = {
  "ann/kept": "as it is",
  "team.crew": ["cid", "ann"],
  "team.net": "star",
  "team.net.hub": "cid",
  "team.time.ann": 0.2,
  "team.time.cid": 0.9,
  "cid/rounds": 7,
};

export const crew = program({
  name: "crew",
  signature: signature("n: int -> m: float"),
  pipeline: ["work"],
  configuration: crewBaseline,
});

export function examples(count: number, from = 0): { inputs: { n: number }; expected: { m: number } }[] {
  return Array.from({ length: count }, (_, place) => from + place).map((n) => ({ inputs: { n }, expected: { m: n } }));
}

export function crewTask(changes: Partial<Task> = {}): Task {
  return { program: crew, space: crewSpace, baseline: crewBaseline, train: [], validation: examples(12), ...changes };
}

/** What a configuration scores on the example in this place; nothing where the world fails. */
type ScoreOf = (configuration: Configuration, place: number) => number | undefined;

/** A coin for each example that is as good as the configuration's text says. */
export function coin(configuration: Configuration, place: number): number {
  const bias = seededRng(JSON.stringify(configuration)).next();
  return seededRng(`${JSON.stringify(configuration)} ${place}`).next() < bias ? 1 : 0;
}

export interface PlayOptions {
  readonly task?: Task;
  readonly seed?: number | string;
  readonly evaluations?: number;
  readonly score?: ScoreOf;
  /** The state is written as JSON and read back after every outcome. */
  readonly isReread?: boolean;
}

export interface Played {
  readonly work: readonly EvaluateWork[];
  readonly results: readonly (readonly ExampleResult[])[];
  readonly incumbent: Incumbent | undefined;
  readonly reason: string | undefined;
}

/** A run as the Runner drives it in order: three items out, the first one told, its place asked for again. */
export function play(teleprompter: Teleprompter, options: PlayOptions = {}): Played {
  const { task = crewTask(), seed = 1, evaluations = Infinity, score = coin, isReread = false } = options;
  const reread = (value: unknown): unknown => (isReread ? JSON.parse(JSON.stringify(value)) : value);
  let state = teleprompter.start(task);
  const work: EvaluateWork[] = [];
  const results: ExampleResult[][] = [];
  do {
    const free = Math.min(3 + results.length, evaluations) - work.length;
    const rng = seededRng(seed).fork(`ask ${results.length}`);
    const asked = teleprompter.ask(state, rng, free) as readonly EvaluateWork[];
    state = teleprompter.tell(state, { type: "issued", work: asked });
    work.push(...asked);
    const next = work[results.length];
    if (next === undefined) break;
    const { configuration } = next;
    const found = next.examples.map((index): ExampleResult => {
      const value = score(configuration, index);
      if (value !== undefined) return { ok: true, score: value, index, usage: noUsage };
      return { ok: false, failure: "infrastructure", message: "no connection", index, usage: noUsage };
    });
    results.push(found);
    state = reread(teleprompter.tell(state, { type: "evaluated", work: next, results: found }));
  } while (work.length > 0);
  return { work, results, incumbent: teleprompter.incumbent(state), reason: teleprompter.finished(state) };
}
