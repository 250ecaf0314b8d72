import type { Coefficients, SuiteProblem, Table, Values } from "./search-problem.ts";

/** The noiseless value of a problem at a point. */
export type Formula = (values: Values) => number;

/** The formula of a problem: bbo-suite.md, arithmetic in the order that stands there. */
export function formulaOf({ function: name, coefficients, params }: SuiteProblem): Formula {
  const make = formulas[name];
  if (make === undefined) throw new Error(`bbo-suite: no formula for ${name}`);
  const names = params.map((parameter) => parameter.name);
  return make(coefficients, names);
}

const formulas: Readonly<Record<string, (coefficients: Coefficients, names: readonly string[]) => Formula>> = {
  branin: () => branin,
  hartmann6: (coefficients, names) => (values) => hartmann(coefficients, listed(values, names)),
  ackley5:
    ({ shift }, names) =>
    (values) =>
      ackley(listed(values, names), shift ?? []),
  rosenbrock4: (_, names) => (values) => rosenbrock(listed(values, names)),
  team: (coefficients) => (values) => team(coefficients, values),
  nk: (coefficients, names) => (values) => nk(coefficients, listed(values, names)),
};

function branin(values: Values): number {
  const [x1, x2] = [valueOf(values, "x1"), valueOf(values, "x2")];
  const b = 5.1 / (4 * Math.PI * Math.PI);
  const c = 5 / Math.PI;
  const t = 1 / (8 * Math.PI);
  const u = x2 - b * x1 * x1 + c * x1 - 6;
  return u * u + 10 * (1 - t) * Math.cos(x1) + 10;
}

function hartmann({ alpha = [], A = [], P = [] }: Coefficients, x: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < 4; i++) {
    let inner = 0;
    for (const [j, xj] of x.entries()) {
      const distance = xj - at(P, i, j);
      inner += at(A, i, j) * (distance * distance);
    }
    sum += at(alpha, i) * Math.exp(-inner);
  }
  return -sum;
}

function ackley(x: readonly number[], shift: Table): number {
  let squares = 0;
  let cosines = 0;
  for (const [i, xi] of x.entries()) {
    const z = xi - at(shift, i);
    squares += z * z;
    cosines += Math.cos(2 * Math.PI * z);
  }
  return -20 * Math.exp(-0.2 * Math.sqrt(squares / 5)) - Math.exp(cosines / 5) + 20 + Math.E;
}

function rosenbrock(x: readonly number[]): number {
  let sum = 0;
  for (const [i, xi] of x.slice(0, -1).entries()) {
    const slope = (x[i + 1] ?? Number.NaN) - xi * xi;
    sum += 100 * (slope * slope) + (1 - xi) * (1 - xi);
  }
  return sum;
}

function nk({ neighbours = [], tables = [] }: Coefficients, g: readonly number[]): number {
  let sum = 0;
  for (const [i, gi] of g.entries()) {
    const [gj, gk] = [g[at(neighbours, i, 0)] ?? Number.NaN, g[at(neighbours, i, 1)] ?? Number.NaN];
    sum += at(tables, i, (gi * 4 + gj) * 4 + gk);
  }
  return sum / 6;
}

function team(c: Coefficients, values: Values): number {
  const [planner, coder] = [valueOf(values, "planner"), valueOf(values, "coder")];
  const [reviewer, topology] = [valueOf(values, "reviewer"), valueOf(values, "topology")];
  const [tempPlanner, tempCoder] = [valueOf(values, "temp_planner"), valueOf(values, "temp_coder")];
  const [turns, tokens] = [valueOf(values, "max_turns"), valueOf(values, "token_budget")];
  const k = (name: string, ...places: readonly number[]): number => at(c[name], ...places);
  let raw = 0;
  raw += k("a_planner", planner);
  raw += k("a_coder", coder);
  raw += k("a_reviewer", reviewer);
  raw += k("a_topology", topology);
  raw += k("b_planner_coder", planner, coder);
  raw += k("b_coder_reviewer", coder, reviewer);
  raw += k("b_planner_topology", planner, topology);
  raw += k("b_reviewer_topology", reviewer, topology);
  raw += k("g_planner_coder_topology", planner, coder, topology);
  raw += k("w_temp_planner", planner) * bump(tempPlanner, k("c_temp_planner", planner), k("s_temp"));
  raw += k("w_temp_coder", coder) * bump(tempCoder, k("c_temp_coder", coder), k("s_temp"));
  raw += k("k_temp_cross", topology) * (tempPlanner * tempCoder);
  raw += k("w_demos", coder) * bump(valueOf(values, "n_demos"), k("c_demos", coder), k("s_demos"));
  raw += k("w_turns", topology) * bump(turns, k("c_turns", topology), k("s_turns"));
  raw += k("w_tokens", coder) * (tokens / (tokens + k("h_tokens", coder)));
  let cost = (tokens / 8192) * (turns / 10);
  if (reviewer !== 0) {
    const best = k("c_review", reviewer, coder);
    raw += k("w_review", reviewer) * bump(valueOf(values, "review_threshold"), best, k("s_review"));
    cost = cost * 1.5;
  }
  if (topology === 2) {
    const rounds = valueOf(values, "debate_rounds");
    raw += k("w_debate", planner) * bump(rounds, k("c_debate", reviewer), k("s_debate"));
    cost = cost * (1 + 0.15 * rounds);
  }
  raw = raw - k("lambda_cost") * cost;
  return (raw - k("raw_lo")) / k("raw_span");
}

function bump(x: number, middle: number, width: number): number {
  const distance = (x - middle) / width;
  return 1 / (1 + distance * distance);
}

function at(table: Table | undefined, ...places: readonly number[]): number {
  let value = table;
  for (const place of places) value = typeof value === "object" ? value[place] : undefined;
  return typeof value === "number" ? value : Number.NaN;
}

function valueOf(values: Values, name: string): number {
  return values[name] ?? Number.NaN;
}

function listed(values: Values, names: readonly string[]): number[] {
  return names.map((name) => valueOf(values, name));
}
