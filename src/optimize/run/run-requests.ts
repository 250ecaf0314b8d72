import { isPlainObject } from "#foundation";
import type { Json, Store } from "#foundation";
import { requestKind } from "./run-record.ts";
import type { RunRequest } from "./run-record.ts";

/** Asks the process that drives a run to pause, resume or stop it. */
export async function sendRunRequest(store: Store, id: string, request: RunRequest["request"]): Promise<void> {
  await store.documents.put(requestKind, id, { request });
}

/** Calls `act` for every request to the run that is made from now on, until the signal aborts. */
export async function followRequests(
  store: Store,
  id: string,
  act: (request: RunRequest["request"]) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const after = await store.position();
  for await (const change of store.watch({ after, signal })) {
    if (change.type !== "document" || change.kind !== requestKind || change.id !== id) continue;
    const request = requestIn((await store.documents.get(requestKind, id))?.body);
    if (request !== undefined) await act(request);
  }
}

function requestIn(body: Json | undefined): RunRequest["request"] | undefined {
  const request = isPlainObject(body) ? body["request"] : undefined;
  return request === "pause" || request === "stop" || request === "resume" ? request : undefined;
}
