import type { Axis, Tick } from "./axis.ts";
import { markup } from "./markup.ts";
import type { Markup } from "./markup.ts";

const width = 340;
const height = 220;
const left = 44;
const right = 14;
const top = 12;
const bottom = 34;

/** What is drawn, and where. */
export interface PlotOptions {
  /** What the picture shows, for those who do not see it. */
  readonly label: string;
  readonly y: Axis;
  readonly xTicks: readonly Tick[];
  readonly xTitle: string;
  /** What stands in the field: positions from 0 to 1, from left to right and from bottom to top. */
  readonly draw: (field: Field) => readonly Markup[];
}

/** Where positions from 0 to 1 are on the picture. */
export interface Field {
  readonly x: (position: number) => number;
  readonly y: (position: number) => number;
}

const field: Field = {
  x: (position) => round(left + position * (width - left - right)),
  y: (position) => round(height - bottom - position * (height - top - bottom)),
};

/** A small picture with two axes. */
export function plot({ label, y, xTicks, xTitle, draw }: PlotOptions): Markup {
  return markup`<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${label}">
${y.ticks.map(
  ({
    at,
    text,
  }) => markup`<line class="grid" x1="${left}" x2="${width - right}" y1="${field.y(at)}" y2="${field.y(at)}"/>
<text x="${left - 6}" y="${field.y(at) + 4}" text-anchor="end">${text}</text>`,
)}
<line class="axis" x1="${left}" x2="${width - right}" y1="${height - bottom}" y2="${height - bottom}"/>
${xTicks.map(({ at, text }) => markup`<text x="${field.x(at)}" y="${height - bottom + 15}" text-anchor="middle">${text}</text>`)}
<text x="${(left + width - right) / 2}" y="${height - 4}" text-anchor="middle">${xTitle}</text>
${draw(field)}
</svg>`;
}

export interface DotOptions {
  readonly kind: DotKind;
  readonly title: string;
}

export type DotKind = "best" | "base" | "partial" | "other";

export function dot(x: number, y: number, { kind, title }: DotOptions): Markup {
  const radius = kind === "best" ? 5 : kind === "base" ? 4.5 : 3.5;
  return markup`<circle class="dot ${kind}" cx="${x}" cy="${y}" r="${radius}"><title>${title}</title></circle>`;
}

export function round(value: number): number {
  return Math.round(value * 10) / 10;
}
