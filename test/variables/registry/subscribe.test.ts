import { describe, expect, test } from "vitest";
import { float, integer } from "#variables";
import { VariableRegistry } from "#variables/registry";
import { nextTurn, StoreError } from "#foundation";
import type { Store } from "#foundation";
import { memoryStore } from "#storage/memory";
import { fakeClock } from "#testing";
import { sqliteStore } from "#storage/sqlite";
import { runFixture } from "../../storage/child.ts";
import { temporaryDirectory } from "../../storage/temporary-directory.ts";
import { ear, openRegistry, sharedStores } from "./shared-store.ts";

const named = (name: string): ReturnType<typeof integer> => integer(name, { min: 0, max: 999, default: 0 });

describe.each(sharedStores)("a subscription on %s", (_, make) => {
  test("hears every change once and in order, whichever registry made it", async () => {
    const shared = make();
    await using mine = await openRegistry(shared);
    await using others = await openRegistry(shared);
    await others.registry.define("global", named("old"));
    const { heard, listener, until } = ear();
    await mine.registry.subscribe("global", "**", listener);
    await others.registry.define("global", named("a"));
    await mine.registry.set("global", "a", 1, { version: 1 });
    await mine.registry.set("global", "a", 9, { version: 1 });
    await others.registry.define("global", named("a"));
    await others.registry.set("global", "a", 2, { version: 2 });
    await mine.registry.set("global", "old", 5, { version: 1 });
    await until(4);
    expect(heard).toEqual(["global a@1=0", "global a@2=1", "global a@3=2", "global old@2=5"]);
  });

  test("tells what a version is made of", async () => {
    await using opened = await openRegistry(make());
    const { registry, clock } = opened;
    const changes: unknown[] = [];
    const { listener, until } = ear();
    await registry.subscribe("team:desks", "a", (change) => changes.push(change));
    await registry.subscribe("team:desks", "a", listener);
    await registry.define("team:desks", named("a"), { author: "ann", orchestration: true });
    await clock.advance(5);
    await registry.set("team:desks", "a", 3, { version: 1, reason: "better", score: 0.9 });
    await until(2);
    const same = { scope: "team:desks", name: "a", variable: named("a"), orchestration: true };
    expect(changes).toEqual([
      { ...same, version: 1, type: "defined", at: 1_000, value: 0, author: "ann" },
      { ...same, version: 2, type: "set", at: 1_005, value: 3, reason: "better", score: 0.9 },
    ]);
  });

  test("hears the scopes in which it would look a name up, and no others", async () => {
    await using opened = await openRegistry(make());
    const { registry } = opened;
    const [agent, team] = [ear(), ear()];
    await registry.subscribe("agent:desks/coder", "x", agent.listener);
    await registry.subscribe("team:desks", "x", team.listener);
    const scopes = ["federation", "cluster", "global", "team:desks", "team:other"] as const;
    for (const scope of scopes) await registry.define(scope, named("x"));
    await registry.define("agent:desks/tester", named("x"));
    await registry.define("agent:desks/coder", named("x"));
    await registry.set("federation", "x", 1, { version: 1 });
    await Promise.all([agent.until(6), team.until(5)]);
    const shared = ["federation x@1=0", "cluster x@1=0", "global x@1=0", "team:desks x@1=0"];
    expect(agent.heard).toEqual([...shared, "agent:desks/coder x@1=0", "federation x@2=1"]);
    expect(team.heard).toEqual([...shared, "federation x@2=1"]);
  });

  test("ends with its signal or by the function that it returned; the others go on", async () => {
    await using opened = await openRegistry(make());
    const { registry } = opened;
    const [stopped, ended, never, stays] = [ear(), ear(), ear(), ear()];
    const stop = new AbortController();
    await registry.subscribe("global", "**", stopped.listener, { signal: stop.signal });
    const end = await registry.subscribe("global", "**", ended.listener);
    await registry.subscribe("global", "**", never.listener, { signal: AbortSignal.abort() });
    await registry.subscribe("global", "**", stays.listener);
    await registry.define("global", named("a"));
    await stays.until(1);
    stop.abort();
    end();
    end();
    await registry.set("global", "a", 1, { version: 1 });
    await stays.until(2);
    expect([stopped, ended, never].map(({ heard }) => heard.length)).toEqual([1, 1, 0]);
  });

  test("begins anew after all others have ended", async () => {
    await using opened = await openRegistry(make());
    const { registry } = opened;
    for (let round = 1; round <= 3; round++) {
      const { heard, listener, until } = ear();
      const end = await registry.subscribe("global", "*", listener);
      await registry.define("global", named(`a${round}`));
      await until(1);
      end();
      await registry.set("global", `a${round}`, 1, { version: 1 });
      expect(heard).toEqual([`global a${round}@1=0`]);
    }
  });

  test("is not disturbed by a listener that throws, which is reported", async () => {
    const errors: unknown[] = [];
    await using opened = await openRegistry(make(), { onError: (error) => errors.push(error) });
    const { registry } = opened;
    const { heard, listener, until } = ear();
    const broken = new Error("a listener's own");
    await registry.subscribe("global", "**", () => {
      throw broken;
    });
    await registry.subscribe("global", "**", listener);
    await registry.define("global", named("a"));
    await registry.set("global", "a", 1, { version: 1 });
    await until(2);
    expect(heard).toHaveLength(2);
    expect(errors).toEqual([broken, broken]);
  });

  test("goes on behind a change that cannot be read, which is reported", async () => {
    const errors: unknown[] = [];
    await using opened = await openRegistry(make(), { onError: (error) => errors.push(error) });
    const { registry, store } = opened;
    const { heard, listener, until } = ear();
    await registry.subscribe("global", "**", listener);
    await store.logs.append("variables|global|b", ["garbage"]);
    await store.logs.append("variables|global", ["of somebody else"]);
    await store.documents.put("run", "a", 1);
    await registry.define("global", named("a"));
    await until(1);
    expect(heard).toEqual(["global a@1=0"]);
    expect(errors).toMatchObject([{ name: "RegistryError", code: "damaged" }]);
  });

  test("may write from its listener", async () => {
    await using opened = await openRegistry(make());
    const { registry } = opened;
    const { heard, listener, until } = ear();
    await registry.subscribe("global", "a", ({ version, value }) => {
      if (version < 5) void registry.set("global", "a", Number(value) + 1, { version });
    });
    await registry.subscribe("global", "a", listener);
    await registry.define("global", named("a"));
    await until(5);
    expect(heard.at(-1)).toBe("global a@5=4");
  });

  test("ends when the registry is disposed of", async () => {
    const shared = make();
    await using others = await openRegistry(shared);
    const store = await shared.open();
    const registry = new VariableRegistry({ store });
    const [mine, theirs] = [ear(), ear()];
    await registry.subscribe("global", "**", mine.listener);
    await others.registry.subscribe("global", "**", theirs.listener);
    await registry[Symbol.asyncDispose]();
    await others.registry.define("global", named("a"));
    await theirs.until(1);
    expect(mine.heard).toEqual([]);
    await store[Symbol.asyncDispose]();
  });
});

describe("a pattern", () => {
  test.each<[pattern: string, fits: readonly string[], others: readonly string[]]>([
    ["temperature", ["temperature"], ["temperatures", "coder/temperature", "temperature.x"]],
    ["*", ["temperature"], ["team.coder", "coder/temperature"]],
    ["team.*", ["team.coder"], ["team", "team.net.pattern", "team/coder", "teams.coder"]],
    ["team.**", ["team.coder", "team.net.pattern", "team.share/x"], ["team", "teams.coder", "team/coder"]],
    ["**", ["a", "a.b", "a/b.c"], []],
    ["*/temperature", ["coder/temperature"], ["temperature", "a/coder/temperature", "a.coder/temperature"]],
    ["**/temperature", ["coder/temperature", "a/b.coder/temperature"], ["temperature", "coder/temperature/x"]],
    ["team.**.coder", ["team.share.coder", "team.a/b.coder"], ["team.coder", "team.share.tester"]],
    ["**.**.x", ["a.b.x", "a.b.c.x"], ["a.x", "x"]],
  ])("%s", async (pattern, fits, others) => {
    await using registry = new VariableRegistry({ store: memoryStore() });
    const [all, some] = [ear(), ear()];
    await registry.subscribe("global", pattern, some.listener);
    await registry.subscribe("global", "**", all.listener);
    const names = [...fits, ...others];
    for (const name of names) await registry.define("global", named(name));
    await all.until(names.length);
    expect(some.heard).toEqual(fits.map((name) => `global ${name}@1=0`));
  });
});

test("a watch that fails is reported, and goes on after a second without a gap and without a repetition", async () => {
  const clock = fakeClock();
  const errors: unknown[] = [];
  const store = memoryStore();
  const failure = new StoreError("busy", "others held the store for too long");
  let failures = 0;
  const flaky: Store = {
    ...store,
    async *watch(options) {
      for await (const change of store.watch(options)) {
        yield change;
        if (change.type === "log" && change.length === 2 && failures++ === 0) throw failure;
      }
    },
  };
  await using registry = new VariableRegistry({ store: flaky, clock, onError: (error) => errors.push(error) });
  const { heard, listener, until } = ear();
  await registry.subscribe("global", "**", listener);
  await registry.define("global", named("a"));
  await registry.set("global", "a", 1, { version: 1 });
  await until(2);
  await registry.set("global", "a", 2, { version: 2 });
  await clock.advance(999);
  expect([heard.length, errors]).toEqual([2, [failure]]);
  await clock.advance(1);
  await until(3);
  expect(heard).toEqual(["global a@1=0", "global a@2=1", "global a@3=2"]);
});

test("the store is watched only while somebody listens", async () => {
  const store = memoryStore();
  const signals: AbortSignal[] = [];
  const watched: Store = {
    ...store,
    watch(options) {
      signals.push(options.signal);
      return store.watch(options);
    },
  };
  await using registry = new VariableRegistry({ store: watched });
  const running = (): readonly boolean[] => signals.map(({ aborted }) => !aborted);
  const ends = [await registry.subscribe("global", "a", () => {}), await registry.subscribe("global", "b", () => {})];
  expect(running()).toEqual([true]);
  ends[0]?.();
  ends[0]?.();
  expect(running()).toEqual([true]);
  ends[1]?.();
  expect(running()).toEqual([false]);
  await registry.subscribe("global", "a", () => {});
  expect(running()).toEqual([false, true]);
  await registry[Symbol.asyncDispose]();
  expect(running()).toEqual([false, false]);
});

test("a store that ends takes the subscriptions with it, which is no error", async () => {
  const errors: unknown[] = [];
  const clock = fakeClock();
  const store = memoryStore();
  const ending: Store = {
    ...store,
    async *watch(options) {
      yield* store.watch(options);
      throw new StoreError("closed", "the store ended while a change was read");
    },
  };
  for (const each of [ending, store]) {
    const registry = new VariableRegistry({ store: each, clock, onError: (error) => errors.push(error) });
    await registry.subscribe("global", "**", () => {});
  }
  await store[Symbol.asyncDispose]();
  await nextTurn();
  expect([errors, clock.pending()]).toEqual([[], 0]);
});

test("processes that raise one variable lose no update, and a subscriber hears each version once", async () => {
  const path = `${temporaryDirectory()}/tutti.db`;
  await using store = await sqliteStore({ path, pollMs: 2 });
  await using registry = new VariableRegistry({ store });
  await registry.define("global", float("level", { min: 0, max: 1_000, default: 0 }));
  const { heard, listener, until } = ear();
  await registry.subscribe("global", "level", listener);
  const fixture = "../../variables/registry/fixtures/raise.ts";
  const children = [1, 2].map(() => runFixture(fixture, [path, "20"]));
  await Promise.all(children.map((child) => child.end()));
  await until(40);
  expect(heard).toEqual(Array.from({ length: 40 }, (_, n) => `global level@${n + 2}=${n + 1}`));
  expect(await registry.resolve("level", "global")).toMatchObject({ value: 40, version: 41 });
});

test("what a killed process was answered is there", async () => {
  const path = `${temporaryDirectory()}/tutti.db`;
  {
    await using store = await sqliteStore({ path });
    await using registry = new VariableRegistry({ store });
    await registry.define("global", float("level", { min: 0, max: 100_000, default: 0 }));
  }
  const child = runFixture("../../variables/registry/fixtures/raise.ts", [path, "100000"]);
  await child.until((lines) => lines.length >= 10);
  const answered = (await child.kill()).map(Number);
  await using store = await sqliteStore({ path });
  await using registry = new VariableRegistry({ store });
  const found = await registry.resolve("level", "global");
  expect(found.ok && Number(found.value)).toBeGreaterThanOrEqual(Math.max(...answered));
});
