import { UsageError } from "#foundation";
import type { Store } from "#foundation";
import { readRecord } from "#optimize";
import type { RunRecord } from "#optimize";
import { errorCode } from "../exit-code.ts";
import { ownCommand } from "../own-command.ts";
import type { Session } from "../session.ts";

/** The run's record. Rejects with `UsageError`, which says where it was looked for, when there is none. */
export async function storedRun(store: Store, id: string, session: Session): Promise<RunRecord> {
  return await readRecord(store, id).catch((error: unknown) => {
    if (errorCode(error) !== "unknown_run") throw error;
    const where = `${session.storePath}; ${ownCommand("runs ls", session)} lists them, --store names another store`;
    throw new UsageError(`there is no run ${id} in ${where}`);
  });
}
