/**
 * Takes from a new realm what could wait, share memory, run after the program or reach out of the realm. Runs inside of
 * it and is brought along as text: it may use nothing but its parameter and the language.
 */
export function strip(globals: typeof globalThis): void {
  for (const name of ["Atomics", "FinalizationRegistry", "SharedArrayBuffer", "WeakRef", "WebAssembly"])
    Reflect.deleteProperty(globals, name);
  // Without a limit an error has no stack, so that nobody outside is asked to format it.
  Object.defineProperty(Error, "stackTraceLimit", { value: undefined, writable: false, configurable: false });
  // The realm's own console is the inspector's. Generated code likes to write.
  const silent: Record<string, () => void> = {};
  for (const name of ["debug", "error", "info", "log", "table", "trace", "warn"]) silent[name] = () => {};
  Object.defineProperty(globals, "console", { value: silent, writable: true, configurable: true, enumerable: false });
}
