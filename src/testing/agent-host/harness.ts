import assert from "node:assert/strict";
import { agentModule } from "#foundation/agents";
import type { AgentHost, AgentModule, AgentRuntime, DownReason, Ref } from "#foundation/agents";
import type { subject as definition, SubjectArgument, SubjectMessage } from "./subject.ts";

/** The host under test. One may serve all claims; its owner disposes of it after the last. */
export interface AgentHostHarness {
  readonly runtime: AgentRuntime;
  readonly host: AgentHost;
  /** Another host of the kind, for the claim that disposes of it. */
  another(): AgentHost;
  /** Whether messages leave the memory of this thread: what cannot be cloned then cannot be sent. */
  readonly isIsolated: boolean;
}

export type Subject = AgentModule<SubjectMessage, SubjectArgument>;
export type SubjectRef = Ref<SubjectMessage>;

const file = import.meta.url.endsWith(".ts") ? "./subject.ts" : "./subject.js";

function exported(name: string): Subject {
  return agentModule<typeof definition>(new URL(file, import.meta.url), name);
}

export const subject: Subject = exported("subject");
export const narrowSubject: Subject = exported("narrowSubject");
export const plainSubject: Subject = exported("plainSubject");
export const trappingSubject: Subject = exported("trappingSubject");

/** A running subject. */
export async function startSubject(
  { host }: Pick<AgentHostHarness, "host">,
  total = 0,
  module: Subject = subject,
): Promise<SubjectRef> {
  const ref = await host.start(module, { total });
  assert.ok(ref !== undefined, "the subject started");
  return ref;
}

/** Every end that a monitor of the agent hears of, and the first. */
export function downsOf(ref: Ref<never>): { readonly all: DownReason[]; readonly first: Promise<DownReason> } {
  const all: DownReason[] = [];
  const { promise, resolve } = Promise.withResolvers<DownReason>();
  ref.monitor((reason) => {
    all.push(reason);
    resolve(reason);
  });
  return { all, first: promise };
}

/** How a call ended: with `"answer"` or the code of its error. */
export function outcomeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => "answer",
    (error: unknown) => String(Reflect.get(error as object, "code")),
  );
}

/** Several turns of the event loop: whatever would happen twice has had its chance. */
export async function turns(count = 20): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}
