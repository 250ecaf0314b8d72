/** The names of the arguments in a source, by position. */
export const argumentNames: readonly string[] = ["x", "y", "z"];

/** Small functions a source may call; each one that it names is written in front of its body, in this order. */
const helpers: Readonly<Record<string, string>> = {
  at: '(l, i) => { const v = l.at(i); if (v === undefined) throw new Error("no item"); return v; }',
  all: "(s, r) => s.match(r) ?? []",
  some: '(l) => { if (l.length === 0) throw new Error("no items"); return l; }',
  number: '(s) => { if (!/^-?[0-9]+$/.test(s)) throw new Error("no number"); return Number(s); }',
  title: "(s) => s.charAt(0).toUpperCase() + s.slice(1).toLowerCase()",
  unique: "(l) => [...new Set(l)]",
  sum: "(l) => l.reduce((t, v) => t + v, 0)",
  up: "(l) => l.toSorted((a, b) => a - b)",
  running: "(l) => { let t = 0; return l.map((v) => (t += v)); }",
  differences: "(l) => l.slice(1).map((v, i) => v - l[i])",
  divide: '(a, b) => { if (b === 0) throw new Error("division by zero"); return Math.floor(a / b) + 0; }',
  mod: '(a, b) => { if (b === 0) throw new Error("division by zero"); return a - b * Math.floor(a / b) + 0; }',
  choose: "(f, a, b) => (f ? a : b)",
  byLength: "(l) => l.toSorted((a, b) => a.length - b.length)",
};

/** A self-contained JavaScript function expression with this many arguments and this body. */
export function functionSource(argumentCount: number, body: string): string {
  const head = `(${argumentNames.slice(0, argumentCount).join(", ")}) =>`;
  const used = Object.entries(helpers).filter(([name]) => new RegExp(`\\b${name}\\(`).test(body));
  if (used.length === 0) return `${head} ${body}`;
  return `${head} { ${used.map(([name, text]) => `const ${name} = ${text};`).join(" ")} return ${body}; }`;
}
