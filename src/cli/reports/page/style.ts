/** How a report looks: by day and by night, on a screen of any width and on paper. */
export const reportStyle = `
:root {
  color-scheme: light dark;
  --page: #fbfbf9; --card: #ffffff; --ink: #1b1c1e; --soft: #5f6064; --line: #dedfd9; --grid: #ecece7;
  --best: #1f6fc9; --other: #a2a39c; --base: #b95a0c; --plus: #d9f2de; --plus-ink: #0f4d21; --minus: #fbe0de;
  --minus-ink: #7a1d16;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #15171a; --card: #1c1f23; --ink: #e9eaec; --soft: #a3a7ad; --line: #363b41; --grid: #2a2e33;
    --best: #62a8f5; --other: #747a82; --base: #eb9a54; --plus: #17402a; --plus-ink: #b7efc7; --minus: #4c2222;
    --minus-ink: #f7c3be;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, "Segoe UI", Roboto, sans-serif;
}
main { max-width: 1160px; margin: 0 auto; padding: 24px 16px 64px; }
h1 { font-size: 24px; line-height: 1.25; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 18px; margin: 40px 0 8px; }
h3 { font-size: 14px; margin: 0 0 4px; overflow-wrap: anywhere; }
p { margin: 4px 0 12px; max-width: 75ch; overflow-wrap: anywhere; }
.soft { color: var(--soft); }
.small { font-size: 13px; }
code, .code { overflow-wrap: anywhere; }
code, .code { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: 13px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin: 16px 0; }
.tile, .card { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 12px; min-width: 0; }
.tile b { display: block; font-size: 22px; line-height: 1.3; font-variant-numeric: tabular-nums; }
.tile span { color: var(--soft); font-size: 13px; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(320px, 100%), 1fr)); gap: 12px; }
.wide { overflow-x: auto; }
svg { display: block; max-width: 100%; height: auto; }
.wide svg { max-width: none; }
svg text { fill: var(--soft); font: 11px system-ui, "Segoe UI", Roboto, sans-serif; }
svg text.strong { fill: var(--ink); font-weight: 600; }
.grid { stroke: var(--grid); stroke-width: 1; }
.axis { stroke: var(--line); stroke-width: 1; }
.dot { fill: var(--other); fill-opacity: 0.75; }
.dot.partial { fill: none; stroke: var(--other); }
.dot.base { fill: var(--base); fill-opacity: 1; }
.dot.best { fill: var(--best); fill-opacity: 1; stroke: var(--card); stroke-width: 1.5; }
.best-line { fill: none; stroke: var(--best); stroke-width: 2; }
.base-line { stroke: var(--base); stroke-width: 1.5; stroke-dasharray: 4 3; }
.path { fill: none; stroke: var(--other); stroke-opacity: 0.35; stroke-width: 1; }
.path.good { stroke: var(--best); stroke-opacity: 0.55; stroke-width: 1.25; }
.path.best { stroke: var(--best); stroke-opacity: 1; stroke-width: 3; }
.path.base { stroke: var(--base); stroke-opacity: 1; stroke-width: 2; }
.range { stroke: var(--other); stroke-width: 2; }
.bar { fill: var(--best); }
.key { display: flex; flex-wrap: wrap; gap: 4px 16px; margin: 0 0 12px; padding: 0; list-style: none; font-size: 13px; color: var(--soft); }
.key i { display: inline-block; width: 10px; height: 10px; border-radius: 5px; margin-right: 6px; background: var(--other); }
.key .best { background: var(--best); } .key .base { background: var(--base); }
.key .partial { background: none; border: 1px solid var(--other); }
.key .line { width: 18px; height: 3px; border-radius: 0; vertical-align: middle; }
table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: 5px 12px 5px 0; border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: 600; white-space: nowrap; }
td.number, th.number { text-align: right; white-space: nowrap; }
td.words { min-width: 150px; max-width: 420px; overflow-wrap: anywhere; }
tr.best td:first-child { box-shadow: inset 3px 0 var(--best); padding-left: 8px; }
tr.base td:first-child { box-shadow: inset 3px 0 var(--base); padding-left: 8px; }
td:first-child, th:first-child { padding-left: 8px; }
details { margin: 8px 0; }
summary { cursor: pointer; color: var(--best); font-size: 13px; }
summary:focus-visible { outline: 2px solid var(--best); outline-offset: 2px; }
.diff { white-space: pre-wrap; overflow-wrap: anywhere; margin: 4px 0 12px; padding: 10px 12px; background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
td .diff { margin: 2px 0 6px; padding: 6px 8px; max-width: 60ch; }
ins { background: var(--plus); color: var(--plus-ink); text-decoration: none; border-bottom: 1px solid currentColor; }
del { background: var(--minus); color: var(--minus-ink); }
dl.card { padding: 12px; }
.text { white-space: pre-wrap; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 2px 16px; margin: 8px 0; font-size: 13px; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 480px) {
  dl { grid-template-columns: minmax(0, 1fr); } dd { margin: 0 0 6px; } main { padding: 16px 12px 48px; } .tile b { font-size: 19px; } }
@media print {
  :root {
    --page: #ffffff; --card: #ffffff; --ink: #000000; --soft: #444444; --line: #bbbbbb; --grid: #e4e4e4;
    --best: #1f6fc9; --other: #8b8c86; --base: #b95a0c; --plus: #d9f2de; --plus-ink: #0f4d21; --minus: #fbe0de;
    --minus-ink: #7a1d16; color-scheme: light;
  }
  body { font-size: 11px; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  main { max-width: none; padding: 0; }
  h2 { break-after: avoid; } .card, .tile, tr { break-inside: avoid; }
  .wide { overflow: visible; } .wide svg { max-width: 100%; }
  table, dl { font-size: 9px; } td.words { min-width: 0; }
  summary { list-style: none; color: var(--soft); }
  details::details-content { content-visibility: visible; height: auto; }
}
`;
