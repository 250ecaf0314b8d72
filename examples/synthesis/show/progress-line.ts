/** Tells how far a long step is: one line drawn over and over on a terminal, a line for every fifth elsewhere. */
export interface ProgressLine extends Disposable {
  show(share: number, words: string): void;
}

export function progressLine(stream: NodeJS.WriteStream = process.stderr): ProgressLine {
  let fifths = 0;
  const wipe = "\r\u001B[2K";
  return {
    show(share, words) {
      const percent = `${Math.round(100 * Math.min(1, share))} %`.padStart(5);
      if (stream.isTTY)
        return void stream.write(`${wipe}${percent}  ${words}`.slice(0, (stream.columns || 80) + wipe.length - 1));
      const reached = Math.floor(share * 5 + 1e-9);
      if (reached <= fifths) return;
      fifths = reached;
      stream.write(`${percent}  ${words}\n`);
    },
    [Symbol.dispose]: () => void (stream.isTTY && stream.write(wipe)),
  };
}
