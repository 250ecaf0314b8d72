import { CodedError } from "#foundation";

export type TeamErrorCode =
  /** Agents did not start, with `startAgents` all of them or none. */
  | "start_failed"
  /** The team is not started, or has been closed. */
  | "not_running"
  /** The request's configuration comes to no plan. */
  | "no_plan";

/** What a live team rejects with. */
export class TeamError extends CodedError<TeamErrorCode> {
  override readonly name = "TeamError";
}
