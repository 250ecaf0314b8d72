import type { MailboxOptions } from "../agent.ts";
import type { WireError, WireReason } from "./wire-error.ts";

/** What a host tells the place where its agents live. Agents and calls are numbered by the host. */
export type Order =
  | {
      readonly type: "start";
      readonly agent: number;
      readonly module: string;
      readonly export: string;
      readonly argument: unknown;
    }
  | { readonly type: "message"; readonly agent: number; readonly call: number | undefined; readonly message: unknown }
  /** An agent that is linked to this one has ended, and this one traps exits. */
  | { readonly type: "link_ended"; readonly agent: number; readonly pid: number; readonly reason: WireReason }
  | { readonly type: "read_state"; readonly agent: number; readonly call: number }
  | { readonly type: "replace_state"; readonly agent: number; readonly call: number; readonly state: unknown }
  | { readonly type: "exit"; readonly agent: number; readonly reason: WireReason };

/** What the place tells its host. */
export type Report =
  | { readonly type: "started"; readonly agent: number; readonly description: AgentDescription | undefined }
  | { readonly type: "start_failed"; readonly agent: number; readonly error: WireError }
  /** So many of the messages it was sent have been handled since the last report. */
  | { readonly type: "handled"; readonly agent: number; count: number }
  | { readonly type: "reply"; readonly agent: number; readonly call: number; readonly value: unknown }
  | { readonly type: "reply_failed"; readonly agent: number; readonly call: number; readonly error: WireError }
  | { readonly type: "exited"; readonly agent: number; readonly reason: WireReason }
  /** The event loop turns. */
  | { readonly type: "beat" };

/** What the host has to know of a definition that it never sees. */
export interface AgentDescription {
  readonly name: string;
  readonly mailbox: MailboxOptions;
  readonly trapsExits: boolean;
}
