import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { float, integer, module, text } from "#variables";
import { RegistryError, VariableRegistry } from "#variables/registry";
import type { Variable } from "#variables";
import type { ScopeText } from "#variables/registry";
import { memoryStore } from "#storage/memory";
import { ear, openRegistry, sharedStores } from "./shared-store.ts";

fc.configureGlobal({ seed: 20 });

const coder = module("coder_agent_to_use", ["Python", "JavaScript"]);
const temperature = float("temperature", { min: 0, max: 2, default: 1 });
const agent: ScopeText = "agent:desks/coder";

describe.each(sharedStores)("the registry on %s", (_, make) => {
  test("A1: an agent finds what is global; globally, nothing of an agent is found", async () => {
    await using opened = await openRegistry(make());
    const { registry } = opened;
    await registry.define("global", coder);
    await registry.define({ scope: "agent", team: "desks", agent: "coder" }, temperature);
    expect(await registry.resolve("coder_agent_to_use", agent)).toEqual({
      ok: true,
      name: "coder_agent_to_use",
      scope: "global",
      version: 1,
      value: "Python",
      variable: coder,
      orchestration: false,
      rule: "nearest",
    });
    expect(await registry.resolve("temperature", agent)).toMatchObject({ ok: true, scope: agent, value: 1 });
    const missing = { ok: false, code: "not_found", known: ["coder_agent_to_use"] };
    expect(await registry.resolve("temperature", "global")).toMatchObject(missing);
    expect(await registry.resolve("temperature", "agent:desks/tester")).toMatchObject(missing);
    expect(await registry.resolveForCoordination("temperature", "team:desks")).toMatchObject(missing);
  });

  test("A2: a local definition wins for reading, a global orchestration write wins at coordination", async () => {
    await using opened = await openRegistry(make());
    const { registry } = opened;
    await registry.define("global", temperature, { orchestration: true });
    await registry.define(agent, temperature);
    await registry.set(agent, "temperature", 0.2, { version: 1 });
    const { heard, listener, until } = ear();
    await registry.subscribe(agent, "temperature", listener);
    await registry.set("global", "temperature", 1.5, { version: 1, author: "orchestrator" });
    await until(1);
    expect(heard).toEqual(["global temperature@2=1.5"]);
    expect(await registry.resolve("temperature", agent)).toMatchObject({ value: 0.2, rule: "nearest" });
    const coordinated = await registry.resolveForCoordination("temperature", agent);
    expect(coordinated).toMatchObject({ value: 1.5, scope: "global", version: 2, rule: "orchestration_wins" });
  });

  test("at coordination the outermost orchestration variable wins, and only such a one", async () => {
    await using opened = await openRegistry(make());
    const { registry } = opened;
    const at = (scope: ScopeText, value: number): Promise<unknown> =>
      registry.set(scope, "temperature", value, { version: "any" });
    await registry.define("global", temperature);
    await registry.define(agent, temperature, { orchestration: true });
    await at(agent, 0.1);
    const winner = (): Promise<unknown> => registry.resolveForCoordination("temperature", agent);
    expect(await winner()).toMatchObject({ scope: agent, value: 0.1, rule: "nearest" });
    await registry.define("team:desks", temperature, { orchestration: true });
    await at("team:desks", 0.2);
    expect(await winner()).toMatchObject({ scope: "team:desks", value: 0.2, rule: "orchestration_wins" });
    await registry.define("cluster", temperature, { orchestration: true });
    expect(await winner()).toMatchObject({ scope: "cluster", value: 1 });
    await registry.define("federation", temperature);
    expect(await winner()).toMatchObject({ scope: "cluster" });
    expect(await registry.resolveForCoordination("temperature", "federation")).toMatchObject({ scope: "federation" });
    expect(await registry.resolveForCoordination("temperature", "team:other")).toMatchObject({ scope: "cluster" });
  });

  test("a configuration has the value that each name has for whoever reads it there", async () => {
    await using opened = await openRegistry(make());
    const { registry } = opened;
    expect(await registry.configurationOf(agent)).toEqual({});
    await registry.define("federation", text("rule", { default: "be kind" }));
    await registry.define("global", temperature);
    await registry.define("team:desks", coder);
    await registry.define(agent, temperature);
    await registry.set(agent, "temperature", 0.3, { version: 1 });
    await registry.define("team:other", integer("demos", { min: 0, max: 4 }));
    expect(await registry.configurationOf(agent)).toEqual({
      coder_agent_to_use: "Python",
      rule: "be kind",
      temperature: 0.3,
    });
    expect(await registry.configurationOf("global")).toEqual({ rule: "be kind", temperature: 1 });
    expect(await registry.configurationOf("federation")).toEqual({ rule: "be kind" });
  });

  test("a write replaces the version that its writer has seen, or is refused with the current one", async () => {
    await using opened = await openRegistry(make());
    const { registry, clock } = opened;
    await registry.define("global", temperature, { author: "ann" });
    await clock.advance(500);
    const options = { version: 1, author: "bob", reason: "less noise", score: 0.8 };
    expect(await registry.set("global", "temperature", 0.4, options)).toEqual({ ok: true, version: 2 });
    const stale = await registry.set("global", "temperature", 0.6, { version: 1 });
    expect(stale).toEqual({
      ok: false,
      code: "conflict",
      message: "temperature in global is at version 2, not at version 1",
      current: { version: 2, type: "set", at: 1_500, value: 0.4, author: "bob", reason: "less noise", score: 0.8 },
    });
    expect(await registry.set("global", "temperature", 0.6, { version: 3 })).toMatchObject({ code: "conflict" });
    expect(await registry.set("global", "temperature", 0.7, { version: "any" })).toEqual({ ok: true, version: 3 });
    expect(await registry.resolve("temperature", "global")).toMatchObject({ value: 0.7, version: 3 });
  });

  test("a value outside its definition is refused with the issue", async () => {
    await using opened = await openRegistry(make());
    const { registry } = opened;
    await registry.define("global", temperature);
    for (const value of [3, "1", null, undefined, Number.NaN, [1]]) {
      const refused = await registry.set("global", "temperature", value, { version: 1 });
      expect(refused).toMatchObject({ ok: false, code: "invalid", issues: [{ path: "temperature" }] });
      expect(refused).toMatchObject({ message: expect.stringContaining("expected a number from 0 to 2") });
    }
    expect(await registry.history("global", "temperature")).toHaveLength(1);
  });

  test("an unknown name is answered with the known ones", async () => {
    await using opened = await openRegistry(make());
    const { registry } = opened;
    await registry.define("global", temperature);
    await registry.define("global", coder);
    await registry.define(agent, integer("demos", { min: 0, max: 4 }));
    const message =
      'no variable "temprature" is defined in global; the known ones are: coder_agent_to_use, temperature';
    const known = ["coder_agent_to_use", "temperature"];
    const missing = { ok: false, code: "not_found", message, known };
    expect(await registry.set("global", "temprature", 1, { version: 1 })).toEqual(missing);
    const unknown = registry.history("global", "temprature");
    await expect(unknown).rejects.toThrow(RegistryError);
    await expect(unknown).rejects.toMatchObject({ code: "unknown_variable", message });
    expect(await registry.resolve("temprature", agent)).toMatchObject({
      known: [...known.slice(0, 1), "demos", "temperature"],
    });
    const elsewhere = await registry.set(agent, "temperature", 1, { version: 1 });
    expect(elsewhere).toMatchObject({ code: "not_found", known: ["demos"] });
  });

  test("the same definition again changes nothing, whatever was set since", async () => {
    await using opened = await openRegistry(make());
    const { registry } = opened;
    await registry.define("global", temperature);
    await registry.set("global", "temperature", 0.4, { version: 1 });
    const again = float("temperature", { default: 1, max: 2, min: 0 });
    expect(await registry.define("global", again)).toEqual({ ok: true, version: 2 });
    expect(await registry.define("global", again, { version: 1 })).toEqual({ ok: true, version: 2 });
    expect(await registry.resolve("temperature", "global")).toMatchObject({ value: 0.4, version: 2 });
  });

  test("another definition replaces the version it names and keeps the value in force", async () => {
    await using opened = await openRegistry(make());
    const { registry } = opened;
    await registry.define("global", temperature);
    await registry.set("global", "temperature", 0.4, { version: 1 });
    const narrow = float("temperature", { min: 0, max: 0.5 });
    const current = { version: 2, value: 0.4 };
    expect(await registry.define("global", narrow)).toMatchObject({ ok: false, code: "conflict", current });
    expect(await registry.define("global", narrow, { version: 1 })).toMatchObject({ code: "conflict", current });
    expect(await registry.define("global", narrow, { version: 2 })).toEqual({ ok: true, version: 3 });
    expect(await registry.resolve("temperature", "global")).toMatchObject({ value: 0.4, variable: narrow });
    expect(await registry.set("global", "temperature", 0.6, { version: 3 })).toMatchObject({ code: "invalid" });
    const orchestrated = await registry.define("global", narrow, { version: "any", orchestration: true });
    expect(orchestrated).toEqual({ ok: true, version: 4 });
    expect(await registry.resolve("temperature", agent)).toMatchObject({ orchestration: true, value: 0.4 });
  });

  test.each<[what: string, variable: Variable, issue: object]>([
    ["of another kind", integer("temperature", { min: 0, max: 2 }), { path: "temperature.kind", received: "integer" }],
    ["that the value in force does not fit", float("temperature", { min: 1, max: 2 }), { path: "temperature" }],
  ])("a definition %s is incompatible", async (__, variable, issue) => {
    await using opened = await openRegistry(make());
    const { registry } = opened;
    await registry.define("global", temperature);
    await registry.set("global", "temperature", 0.4, { version: 1 });
    for (const options of [{}, { version: 2 }, { version: "any" as const }]) {
      const refused = await registry.define("global", variable, options);
      expect(refused).toMatchObject({ ok: false, code: "incompatible", issues: [issue] });
    }
    expect(await registry.resolve("temperature", "global")).toMatchObject({ variable: temperature, version: 2 });
  });

  test("a history says who wrote what when, why and with which score, the newest 100 of it", async () => {
    await using opened = await openRegistry(make());
    const { registry, store, clock } = opened;
    await registry.define("global", temperature, { author: "ann", reason: "start" });
    await clock.advance(10);
    await registry.set("global", "temperature", 0.4, { version: 1, author: "bob", reason: "colder", score: -0.5 });
    const [first, second] = await registry.history("global", "temperature");
    expect(first).toEqual({ version: 1, type: "defined", at: 1_000, value: 1, author: "ann", reason: "start" });
    const notes = { author: "bob", reason: "colder", score: -0.5 };
    expect(second).toEqual({ version: 2, type: "set", at: 1_010, value: 0.4, ...notes });
    for (let version = 2; version < 110; version++)
      await registry.set("global", "temperature", version / 100, { version });
    const versions = async (limit?: number): Promise<number[]> =>
      (await registry.history("global", "temperature", limit === undefined ? {} : { limit })).map(
        ({ version }) => version,
      );
    const newest = Array.from({ length: 100 }, (__, index) => index + 11);
    expect(await versions()).toEqual(newest);
    expect(await versions(500)).toEqual(newest);
    expect(await versions(2)).toEqual([109, 110]);
    await using small = new VariableRegistry({ store, maxEntries: 3 });
    expect(await small.history("global", "temperature")).toHaveLength(3);
    expect(await store.logs.length("variables|global|temperature")).toBe(110);
  });

  test("what was answered is there for the next registry", async () => {
    const shared = make();
    await using first = await openRegistry(shared);
    await using second = await openRegistry(shared);
    await first.registry.define("team:desks", temperature);
    expect(await second.registry.set("team:desks", "temperature", 0.5, { version: 1 })).toMatchObject({ ok: true });
    expect(await first.registry.resolve("temperature", agent)).toMatchObject({ value: 0.5, version: 2 });
    expect(await first.registry.set("team:desks", "temperature", 0.6, { version: 1 })).toMatchObject({
      code: "conflict",
      current: { value: 0.5 },
    });
  });

  test("of writers who have seen one version exactly one wins, and the others learn what is there", async () => {
    const shared = make();
    await using first = await openRegistry(shared);
    await using second = await openRegistry(shared);
    await first.registry.define("global", temperature);
    let version = 1;
    const property = fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 2, maxLength: 8 }),
      async (values) => {
        const writes = values.map((value, index) =>
          (index % 2 === 0 ? first : second).registry.set("global", "temperature", value, { version }),
        );
        const answers = await Promise.all(writes);
        const winner = answers.findIndex(({ ok }) => ok);
        expect(answers.filter(({ ok }) => ok)).toEqual([{ ok: true, version: version + 1 }]);
        for (const answer of answers)
          if (!answer.ok) expect(answer).toMatchObject({ code: "conflict", current: { value: values[winner] } });
        version++;
      },
    );
    await fc.assert(property, { numRuns: 40 });
  });

  test("writers who force their way all get through, each with a version of its own", async () => {
    const shared = make();
    await using first = await openRegistry(shared);
    await using second = await openRegistry(shared);
    const counter = integer("counter", { min: 0, max: 99 });
    const defined = [first, second, first].map(({ registry }) => registry.define("global", counter));
    expect(await Promise.all(defined)).toEqual(Array.from({ length: 3 }, () => ({ ok: true, version: 1 })));
    const writes = Array.from({ length: 20 }, (__, n) =>
      (n % 2 === 0 ? first : second).registry.set("global", "counter", n, { version: "any" }),
    );
    const versions = (await Promise.all(writes)).map((answer) => (answer.ok ? answer.version : 0));
    expect(versions.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (__, n) => n + 2));
    const history = await first.registry.history("global", "counter");
    for (const [n, version] of versions.entries()) expect(history[version - 1]?.value).toBe(n);
  });
});

test("a registry that was disposed of answers nobody, and leaves the store alone", async () => {
  const store = memoryStore();
  const registry = new VariableRegistry({ store });
  await registry.define("global", temperature);
  await registry[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
  for (const call of [
    () => registry.define("global", temperature),
    () => registry.set("global", "temperature", 1, { version: 1 }),
    () => registry.resolve("temperature", agent),
    () => registry.resolveForCoordination("temperature", agent),
    () => registry.configurationOf(agent),
    () => registry.history("global", "temperature"),
    () => registry.subscribe("global", "**", () => {}),
  ])
    await expect(call()).rejects.toMatchObject({ code: "closed" });
  expect(await store.logs.length("variables|global|temperature")).toBe(1);
});
