import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const script = fileURLToPath(new URL("./fixtures/locked-down.ts", import.meta.url));
const flags = [
  "--permission",
  `--allow-fs-read=${root}`,
  "--disallow-code-generation-from-strings",
  "--frozen-intrinsics",
];

/** Tries everything in a process with a sandbox's flags, against a server here; `visits` is how often that was reached. */
async function tryAll(mode: "locked" | "open"): Promise<{ outcomes: Record<string, string>; visits: number }> {
  let visits = 0;
  const server = createServer((socket) => {
    visits++;
    socket.on("error", () => {});
    socket.end("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    const { port } = server.address() as AddressInfo;
    const run = promisify(execFile)(
      process.execPath,
      ["--conditions=tutti-source", ...flags, script, String(port), mode],
      { env: {} },
    );
    return { outcomes: JSON.parse((await run).stdout) as Record<string, string>, visits };
  } finally {
    server.close();
  }
}

describe("code that has got out of its realm", () => {
  test("reaches no network, module, file, process or code in a locked process", async () => {
    const { outcomes, visits } = await tryAll("locked");
    expect(visits).toBe(0);
    expect(Object.entries(outcomes).filter(([, outcome]) => outcome.includes("done"))).toEqual([]);
    for (const name of [
      "connect",
      "socket",
      "tls",
      "http",
      "fetch",
      "listen",
      "server",
      "datagram",
      "lookup",
      "promisedLookup",
    ])
      expect(`${name}: ${outcomes[name]}`).toContain("there is no network in the sandbox");
    for (const name of ["file", "write", "child", "worker"])
      expect(`${name}: ${outcomes[name]}`).toContain("Access to this API has been restricted");
    expect(outcomes["code"]).toContain("Code generation from strings disallowed");
    expect(outcomes["language"]).not.toBe("changed");
    expect(outcomes["globals"]).toBe("");
  });

  // Without it the claims above could hold for no reason.
  test("would reach the network without the lock", async () => {
    const { outcomes, visits } = await tryAll("open");
    expect(visits).toBeGreaterThan(2);
    for (const name of ["connect", "fetch", "listen", "lookup", "builtin"]) expect(outcomes[name]).toContain("done");
  });
});
