import type { Pid } from "./agent.ts";
import type { DownReason, ExitReason } from "./exit-reason.ts";
import type { Overflow } from "./mailbox.ts";
import type { TaskFailure } from "./tasks/task.ts";
import type { SwapStep } from "./swap/swap-result.ts";

/** What dashboards and tests read of agents' lives. */
export type AgentEvent =
  | { readonly type: "agent_started"; readonly at: number; readonly pid: Pid; readonly agent: string }
  | {
      readonly type: "agent_exited";
      readonly at: number;
      readonly pid: Pid;
      readonly agent: string;
      readonly reason: ExitReason;
    }
  /** An idle agent sleeps: its state is given away. */
  | { readonly type: "agent_passivated"; readonly at: number; readonly pid: Pid; readonly agent: string }
  /** A sleeping agent has its state again. */
  | { readonly type: "agent_activated"; readonly at: number; readonly pid: Pid; readonly agent: string }
  | {
      readonly type: "mailbox_overflow";
      readonly at: number;
      readonly pid: Pid;
      readonly agent: string;
      readonly policy: Overflow;
    }
  /** A hot swap: the address of `pid` leads to `successor` from here on. */
  | {
      readonly type: "agent_swapped";
      readonly at: number;
      readonly pid: Pid;
      readonly agent: string;
      readonly successor: Pid;
    }
  /** A hot swap that did not come about: `pid` goes on. */
  | {
      readonly type: "swap_failed";
      readonly at: number;
      readonly pid: Pid;
      readonly agent: string;
      readonly step: SwapStep;
      readonly error: unknown;
    }
  /** After a swap, the old version was killed before it had finished what it had taken. */
  | { readonly type: "drain_expired"; readonly at: number; readonly pid: Pid; readonly agent: string }
  /** A dead incarnation tried to have an effect; it was dropped. */
  | {
      readonly type: "effect_orphaned";
      readonly at: number;
      readonly pid: Pid;
      readonly agent: string;
      readonly effect: string;
    }
  | {
      readonly type: "child_started";
      readonly at: number;
      readonly supervisor: string;
      readonly child: string;
      readonly pid: Pid;
    }
  | {
      readonly type: "child_start_failed";
      readonly at: number;
      readonly supervisor: string;
      readonly child: string;
      readonly error: unknown;
    }
  /** A child ended by itself. */
  | {
      readonly type: "child_exited";
      readonly at: number;
      readonly supervisor: string;
      readonly child: string;
      readonly pid: Pid;
      readonly reason: ExitReason;
    }
  /** A child was ended by its supervisor. */
  | {
      readonly type: "child_stopped";
      readonly at: number;
      readonly supervisor: string;
      readonly child: string;
      readonly pid: Pid;
      readonly reason: DownReason;
    }
  | { readonly type: "child_restarted"; readonly at: number; readonly supervisor: string; readonly child: string }
  /** Too many restarts: the supervisor ends. */
  | {
      readonly type: "supervisor_gave_up";
      readonly at: number;
      readonly supervisor: string;
      readonly child: string;
      readonly intensity: number;
      readonly periodMs: number;
    }
  | { readonly type: "supervisor_started"; readonly at: number; readonly supervisor: string; readonly pid: Pid }
  | {
      readonly type: "supervisor_exited";
      readonly at: number;
      readonly supervisor: string;
      readonly pid: Pid;
      readonly reason: ExitReason;
    }
  /** A name of a registry has a holder, or has none any more. */
  | {
      readonly type: "name_registered" | "name_released";
      readonly at: number;
      readonly key: unknown;
      readonly pid: Pid;
      readonly agent: string;
    }
  /** A published message did not reach one subscriber: its listener threw (`error`), or its mailbox did not take it. */
  | {
      readonly type: "delivery_failed";
      readonly at: number;
      readonly topic: unknown;
      /** The agent, if it was one. */
      readonly pid: Pid | undefined;
      readonly error: unknown;
    }
  /** A task had no result. */
  | {
      readonly type: "task_failed";
      readonly at: number;
      readonly supervisor: string;
      readonly reason: TaskFailure;
      readonly error: unknown;
    }
  /** A message could not be cloned, so it never reached the agent at its host. */
  | {
      readonly type: "message_lost";
      readonly at: number;
      readonly pid: Pid;
      readonly agent: string;
      readonly error: unknown;
    }
  /** A monitor's callback threw. */
  | { readonly type: "listener_failed"; readonly at: number; readonly error: unknown };
