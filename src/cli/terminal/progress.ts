import { styleText } from "node:util";
import type { Clock } from "#foundation";

/** How far a long command is: `share` of 1, and a few words. */
export interface Progress extends Disposable {
  show(share: number, text: string): void;
}

/** Where progress is drawn: a terminal's stream, or a stand-in for it. */
export interface ProgressStream {
  readonly columns?: number;
  write(text: string): unknown;
}

export const noProgress: Progress = { show: () => {}, [Symbol.dispose]: () => {} };

const barWidth = 20;
const redrawMs = 80;

/** Back to the line's start and wipe it. */
export const wipe = "\r\u001B[2K";

/** One line that is drawn over and over; gone when disposed of. */
export function barProgress(stream: ProgressStream, clock: Clock): Progress {
  let drawnAt = -Infinity;
  return {
    show(share, text) {
      const now = clock.now();
      if (now - drawnAt < redrawMs) return;
      drawnAt = now;
      const full = Math.round(barWidth * bounded(share));
      const bar = "█".repeat(full) + "░".repeat(barWidth - full);
      const room = Math.max(10, (stream.columns || 80) - barWidth - 2);
      const words = text.length > room ? `${text.slice(0, room - 1)}…` : text;
      stream.write(`${wipe}${styleText("cyan", bar, { validateStream: false })} ${words}`);
    },
    [Symbol.dispose]: () => void stream.write(wipe),
  };
}

/** A line for every fifth of the way, for logs. */
export function lineProgress(stream: ProgressStream): Progress {
  let printed = 0;
  return {
    show(share, text) {
      const fifths = Math.floor(bounded(share) * 5 + 1e-9);
      if (fifths <= printed) return;
      printed = fifths;
      stream.write(`${fifths * 20} %  ${text}\n`);
    },
    [Symbol.dispose]: () => {},
  };
}

function bounded(share: number): number {
  return Number.isFinite(share) ? Math.min(1, Math.max(0, share)) : 0;
}
