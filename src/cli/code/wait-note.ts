import type { ScopeHolder, ScopeWait } from "#optimize";
import { ownCommand } from "../own-command.ts";
import type { Session } from "../session.ts";

/** How a command waits for its scope: it says for whom, and Ctrl-C ends it. */
export function waitAloud(session: Session): Required<Pick<ScopeWait, "signal" | "onWait">> {
  const onWait = ({ scope, run }: ScopeHolder): void =>
    session.out.note(
      `waits for run ${run}, which is at work on ${scope}; watch it with:\n  ${ownCommand(`runs attach ${run}`, session)}`,
    );
  return { signal: session.signal, onWait };
}
