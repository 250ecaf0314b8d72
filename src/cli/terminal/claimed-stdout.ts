import { Writable } from "node:stream";

/** The process's stdout for one writer alone, until it is disposed. */
export interface ClaimedStdout extends Disposable {
  readonly output: Writable;
}

/**
 * Stdout for a protocol: what anybody else prints there meanwhile, be it a user's `console.log`, goes to stderr. Child
 * processes that inherit the file descriptor are not held back.
 */
export function claimStdout(): ClaimedStdout {
  const { stdout, stderr } = process;
  const write = stdout.write.bind(stdout);
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      write(chunk, done);
    },
  });
  stdout.write = stderr.write.bind(stderr);
  return {
    output,
    [Symbol.dispose]() {
      stdout.write = write;
    },
  };
}
