import type { Change, Store } from "#foundation";
import { checkCount } from "../rules/check-call.ts";
import { followChanges } from "../rules/follow-changes.ts";
import type { Session } from "./session.ts";
import type { Tables } from "./tables.ts";

/** Changes held in memory at once per watch. */
const pageSize = 500;

/** The store's `watch` and `position`. Commits of other processes are listened for only while somebody watches. */
export function sqlWatch(session: Session): Pick<Store, "watch" | "position"> {
  let watches = 0;
  let listening = new AbortController();

  const begin = (): void => {
    if (watches++ > 0) return;
    listening = new AbortController();
    session.announceForeignCommits(AbortSignal.any([listening.signal, session.lifetime.signal]));
  };
  const end = (): void => {
    if (--watches === 0) listening.abort();
  };
  const follow = async function* (after: number, signal: AbortSignal): AsyncGenerator<Change, void, undefined> {
    const { lifetime, bell } = session;
    lifetime.assertOpen();
    begin();
    try {
      yield* followChanges({ after, signal, lifetime, bell, read: (last) => changesAfter(session, last) });
    } finally {
      end();
    }
  };

  return {
    watch: ({ after, signal }) => {
      checkCount("after", after);
      return follow(after, signal);
    },
    position: () =>
      session.read(async (db) => {
        const query = db.selectFrom("counters").select("value").where("name", "=", "changes");
        return (await query.executeTakeFirstOrThrow()).value;
      }),
  };
}

async function changesAfter(session: Session, after: number): Promise<Change[]> {
  try {
    const rows = await session.read((db) =>
      db.selectFrom("changes").selectAll().where("sequence", ">", after).orderBy("sequence").limit(pageSize).execute(),
    );
    return rows.map(changeOf);
  } catch (error) {
    // Disposal ends a watch without an error, wherever it happens to be.
    if (session.lifetime.signal.aborted) return [];
    throw error;
  }
}

function changeOf({ type, sequence, name, id, revision, deleted }: Tables["changes"]): Change {
  if (type === "log") return { type, sequence, log: name, length: revision };
  return { type, sequence, kind: name, id, revision, deleted: deleted === 1 };
}
