import type { Cache, Json } from "#foundation";
import { checkName, jsonText } from "../rules/check-call.ts";
import type { Session } from "./session.ts";

export function sqlCache(session: Session): Cache {
  return {
    get: async (key) => {
      checkName("key", key);
      const row = await session.read((db) =>
        db.selectFrom("cache").select("value").where("key", "=", key).executeTakeFirst(),
      );
      return row && (JSON.parse(row.value) as Json);
    },
    set: async (key, value) => {
      checkName("key", key);
      const text = jsonText("value", value);
      await session.write("relaxed", (trx) =>
        trx
          .insertInto("cache")
          .values({ key, value: text })
          .onConflict((conflict) => conflict.column("key").doUpdateSet({ value: text }))
          .execute(),
      );
    },
  };
}
