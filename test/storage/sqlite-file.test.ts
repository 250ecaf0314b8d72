import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { StoreError, UsageError } from "#foundation";
import { sqliteStore } from "#storage/sqlite";
import { fakeClock } from "#testing";
import { runFixture } from "./child.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

async function filledStore(): Promise<string> {
  const path = join(temporaryDirectory(), "tutti.db");
  await using store = await sqliteStore({ path });
  await store.documents.put("run", "a", { n: 1 });
  await store.logs.append("events", [1, 2, 3]);
  return path;
}

function edit(path: string, sql: string): void {
  using database = new DatabaseSync(path);
  database.exec(sql);
}

async function refusal(path: string): Promise<StoreError> {
  const error: unknown = await sqliteStore({ path }).then(
    () => "it was opened",
    (thrown: unknown) => thrown,
  );
  if (error instanceof StoreError) return error;
  throw new Error(`expected a StoreError, got ${String(error)}`);
}

describe("the schema", () => {
  test("a store of a newer version is refused, and not a byte of it changed", async () => {
    const path = await filledStore();
    edit(path, "insert into tutti_migration values ('9999_future', '2099-01-01T00:00:00.000Z')");
    const before = readFileSync(path);
    const error = await refusal(path);
    expect(error).toMatchObject({ code: "newer_schema", retryable: false });
    expect(error.message).toContain(path);
    expect(error.message).toContain("9999_future");
    expect(error.message).toContain("Update tutti");
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test("an older store is brought up to date with everything in it", async () => {
    const path = await filledStore();
    edit(
      path,
      "drop table tasks; delete from counters where name = 'tasks'; delete from tutti_migration where name = '0002_queue'",
    );
    await using store = await sqliteStore({ path });
    expect(await store.documents.get("run", "a")).toMatchObject({ body: { n: 1 }, revision: 1 });
    expect(await store.logs.read("events")).toEqual([1, 2, 3]);
    expect(await store.position()).toBe(2);
    expect(await store.queue.enqueue("q", [1])).toHaveLength(1);
  });

  test("a step that fails leaves the store as it was, and says so", async () => {
    const path = await filledStore();
    edit(path, "delete from tutti_migration where name = '0002_queue'");
    expect(await refusal(path)).toMatchObject({ code: "engine" });
    edit(path, "drop table tasks; delete from counters where name = 'tasks'");
    await using store = await sqliteStore({ path });
    expect(await store.queue.enqueue("q", [1])).toEqual(["1"]);
  });

  test("an empty file becomes a store", async () => {
    const path = join(temporaryDirectory(), "tutti.db");
    writeFileSync(path, "");
    await using store = await sqliteStore({ path });
    expect(await store.position()).toBe(0);
  });
});

describe("a file that is no store is refused as it is", () => {
  test("text", async () => {
    const path = join(temporaryDirectory(), "notes.txt");
    writeFileSync(path, "These are my notes.\n".repeat(100));
    const before = readFileSync(path);
    expect(await refusal(path)).toMatchObject({ code: "corrupt", message: expect.stringContaining(path) });
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test("the database of another program", async () => {
    const path = join(temporaryDirectory(), "other.db");
    edit(path, "create table customers (name text); insert into customers values ('Ada')");
    const before = readFileSync(path);
    expect(await refusal(path)).toMatchObject({ code: "corrupt", message: expect.stringContaining("another program") });
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(readdirSync(join(path, ".."))).toEqual(["other.db"]);
  });

  test("a store with a damaged page", async () => {
    const path = await filledStore();
    const bytes = readFileSync(path);
    bytes.fill(0x5a, 100, 4_096);
    writeFileSync(path, bytes);
    expect((await refusal(path)).code).toBe("corrupt");
  });
});

describe("a place that cannot be used", () => {
  test("a directory", async () => {
    const path = temporaryDirectory();
    const error = await refusal(path);
    expect(error).toMatchObject({ code: "inaccessible", message: expect.stringContaining("is a directory") });
  });

  test("below a file", async () => {
    const file = join(temporaryDirectory(), "file");
    writeFileSync(file, "");
    for (const path of [join(file, "tutti.db"), join(file, "deep", "er", "tutti.db")]) {
      const error = await refusal(path);
      expect(error).toMatchObject({ code: "inaccessible", message: expect.stringContaining("choose another path") });
    }
  });

  test("where nothing can be created", async () => {
    expect((await refusal("/proc/tutti/tutti.db")).code).toBe("inaccessible");
    expect((await refusal("/proc/tutti.db")).code).toBe("inaccessible");
  });

  test.each([
    ["a read-only file", 0o444, 0o777],
    ["a read-only directory", 0o666, 0o555],
  ])("%s", async (_, fileMode, directoryMode) => {
    const path = await filledStore();
    chmodSync(path, fileMode);
    chmodSync(join(path, ".."), directoryMode);
    // The superuser may do anything: the child is nobody.
    const child = runFixture("open.ts", [path], process.getuid?.() === 0 ? { uid: 65_534 } : {});
    const outcome = JSON.parse((await child.end()).join("")) as { code: string; message: string };
    chmodSync(join(path, ".."), 0o755);
    expect(outcome.code).toBe("inaccessible");
    expect(outcome.message).toContain(path);
    expect(outcome.message).toContain("permission");
  });

  test("what is not the path of a file is the caller's mistake", async () => {
    for (const path of ["", ":memory:", "file:x.db?mode=memory"])
      await expect(sqliteStore({ path })).rejects.toThrow(UsageError);
  });
});

test("of writes that share a transaction, the one that fails is rejected alone", async () => {
  const path = await filledStore();
  edit(path, "create trigger no before insert on documents when new.id = 'bad' begin select raise(abort, 'no'); end");
  await using store = await sqliteStore({ path });
  const ids = ["b", "bad", "c"];
  const results = await Promise.allSettled(ids.map((id) => store.documents.put("run", id, 1)));
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(results[1]).toMatchObject({ reason: { code: "engine", message: expect.stringContaining(path) } });
  expect((await store.documents.list("run")).map(({ id }) => id)).toEqual(["a", "b", "c"]);
  expect(await store.position()).toBe(4);
});

describe("a file that another connection holds", () => {
  test("is waited for, then reported as busy and worth another try", async () => {
    const path = await filledStore();
    const clock = fakeClock();
    await using store = await sqliteStore({ path, clock, patienceMs: 200 });
    using other = new DatabaseSync(path);
    other.exec("begin immediate");
    const write = store.documents.put("run", "b", 1);
    const outcome = write.then(
      () => "written",
      (error: unknown) => error,
    );
    expect(await store.documents.get("run", "a")).toBeDefined();
    await clock.advance(0);
    await clock.advance(300);
    expect(await outcome).toMatchObject({ code: "busy", retryable: true, message: expect.stringContaining(path) });

    const second = store.documents.put("run", "b", 2);
    await clock.advance(0);
    await clock.advance(50);
    other.exec("rollback");
    await clock.advance(50);
    expect(await second).toEqual({ ok: true, revision: 1 });
  });

  test("a directory of its own is made, and nothing is left beside the file after the end", async () => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, "a"));
    const store = await sqliteStore({ path: join(directory, "a", "b", "c", "tutti.db") });
    await store.documents.put("run", "a", 1);
    await store[Symbol.asyncDispose]();
    expect(readdirSync(join(directory, "a", "b", "c"))).toEqual(["tutti.db"]);
  });
});
