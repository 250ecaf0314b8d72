import dgram from "node:dgram";
import dns from "node:dns";
import net from "node:net";
import process from "node:process";
import { constants, createContext } from "node:vm";

/** What is left of the process's powers. */
export interface Warden {
  /** What the process holds in memory. */
  residentBytes(): number;
  /** How long this thread has had a processor. */
  processorMs(): number;
}

/** What our own code goes on using, besides the language. */
const kept = [
  "AbortController",
  "AbortSignal",
  "DOMException",
  "Event",
  "EventTarget",
  "clearImmediate",
  "clearTimeout",
  "queueMicrotask",
  "setImmediate",
  "setTimeout",
  "structuredClone",
];

/** Of the process: ways to modules, to other processes and to what is open. */
const powers = [
  "_debugEnd",
  "_debugProcess",
  "_getActiveHandles",
  "_getActiveRequests",
  "_kill",
  "_linkedBinding",
  "_rawDebug",
  "abort",
  "binding",
  "chdir",
  "dlopen",
  "execve",
  "finalization",
  "getBuiltinModule",
  "kill",
  "loadEnvFile",
  "mainModule",
  "openStdin",
  "permission",
  "report",
  "setUncaughtExceptionCaptureCallback",
  "umask",
];

/**
 * Takes from this process, for good, what would help a program that got out of its realm: the network, the ways to
 * Node's modules, and every global that is not the language's or needed here. The permission model and the flags of the
 * process do the rest. Never to be called in a process that has other work.
 */
export function lockDown(): Warden {
  const residentBytes = process.memoryUsage.rss.bind(process.memoryUsage);
  const threadCpuUsage = process.threadCpuUsage.bind(process);
  closeNetwork();
  const language = Object.getOwnPropertyNames(createContext(constants.DONT_CONTEXTIFY));
  for (const name of Object.getOwnPropertyNames(globalThis))
    if (!kept.includes(name) && !language.includes(name)) Reflect.deleteProperty(globalThis, name);
  for (const name of ["Atomics", "SharedArrayBuffer", "WebAssembly"]) Reflect.deleteProperty(globalThis, name);
  for (const name of powers) Reflect.deleteProperty(process, name);
  // A program's rejection may be an object with traps: it is nobody's, and nobody is to look at it.
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", () => {});
  return {
    residentBytes,
    processorMs: () => {
      const { user, system } = threadCpuUsage();
      return (user + system) / 1000;
    },
  };
}

/** Every connection, listening port and datagram of Node's own modules passes through one of these. */
function closeNetwork(): void {
  refuse(net, ["_createServerHandle", "connect", "createConnection", "createServer"]);
  refuse(net.Socket.prototype, ["connect"]);
  refuse(net.Server.prototype, ["listen"]);
  refuse(dgram, ["_createSocketHandle", "createSocket"]);
  refuse(dgram.Socket.prototype, ["bind", "connect", "send"]);
  refuse(dns.promises, Object.keys(dns.promises));
  refuse(
    dns,
    Object.keys(dns).filter((name) => name !== "promises"),
  );
}

function refuse(owner: object, names: readonly string[]): void {
  for (const name of names) {
    if (typeof Reflect.get(owner, name) !== "function") continue;
    Object.defineProperty(owner, name, { value: refused, writable: false, configurable: false });
  }
}

function refused(): never {
  throw new Error("there is no network in the sandbox");
}
