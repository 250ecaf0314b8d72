import { runInThisContext } from "node:vm";
import type { Json } from "tutti/foundation";

/** What a source really does when it is executed: null where it throws. */
export function executed(source: string): (input: readonly Json[]) => Json {
  const call = runInThisContext(`(${source})`) as (...input: readonly Json[]) => Json;
  return (input) => {
    try {
      return call(...input);
    } catch {
      return null;
    }
  };
}
