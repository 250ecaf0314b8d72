import { canonicalJson, pick } from "#foundation";
import type { Json, JsonObject, Rng } from "#foundation";
import type { MachineInput, MachineStep, Outgoing, Seal } from "#orchestration";
import type { AnyMachine } from "./network.ts";

type Said = { readonly [key: string]: Json | undefined } & { readonly by?: string; readonly sig?: string };

/** Signs a changed text anew, as itself. */
export function resigned(seal: Seal, by: string, said: Said, change: JsonObject): JsonObject {
  const body = { ...said, by, sig: undefined, ...change };
  return { ...body, sig: seal.sign(by, canonicalJson(body)) };
}

/**
 * A member that is silent, repeats old messages, speaks for others, and tells some of the others something else than
 * the rest, signed as it should be. `lie` is what it makes of a message of its own.
 */
export function liar(machine: AnyMachine, lie: (said: JsonObject, rng: Rng) => JsonObject): AnyMachine {
  return {
    name: "liar",
    start: (self, members) => ({ inner: machine.start(self, members), old: [] }),
    step(state: { inner: unknown; old: Json[] }, input, rng) {
      const step: MachineStep<unknown, Json, unknown> = machine.step(state.inner, input, rng);
      const out = (step.out ?? []).flatMap(({ to, message }): Outgoing<Json>[] => {
        const chance = rng.next();
        if (chance < 0.1) return [];
        if (chance < 0.2) return [{ to, message: pick(rng, [...state.old, message]) }];
        if (chance < 0.25) return [{ to, message: { ...(message as JsonObject), by: "a" } }];
        return [{ to, message: chance < 0.6 ? lie(message as JsonObject, rng) : message }];
      });
      const old = [...state.old, ...(step.out ?? []).map(({ message }) => message)].slice(-20);
      return { ...step, out, outcomes: [], state: { inner: step.state, old } };
    },
  };
}

/**
 * A member with two faces: to each side it is a member that does everything right, and knows nothing of the other side.
 * Several of them share both sides. What it is asked for differs from side to side.
 */
export function twoFaced(machine: AnyMachine, sides: readonly [readonly string[], readonly string[]]): AnyMachine {
  type Faces = [unknown, unknown];
  const both = [0, 1] as const;
  return {
    name: "two_faced",
    start: (self, members) => both.map(() => machine.start(self, members)),
    step(state: Faces, input, rng) {
      const faces: Faces = [...state];
      const out: Outgoing<Json>[] = [];
      const timers: Record<string, number | null> = {};
      for (const face of both) {
        const own = inputOf(input, face, sides);
        if (own === undefined) continue;
        const step: MachineStep<unknown, Json, unknown> = machine.step(faces[face], own, rng);
        faces[face] = step.state;
        for (const [timer, ms] of Object.entries(step.timers ?? {})) timers[`${face}${timer}`] = ms;
        for (const { to, message } of step.out ?? []) {
          if (sides[face].includes(to)) out.push({ to, message });
          // An accomplice is on both sides and hears on which one it is meant.
          else if (!sides[1 - face]?.includes(to)) out.push({ to, message: { face, message } });
        }
      }
      return { state: faces, out, timers };
    },
  };
}

function inputOf(
  input: MachineInput<Json>,
  face: 0 | 1,
  sides: readonly [readonly string[], readonly string[]],
): MachineInput<Json> | undefined {
  if (input.type === "begin") return input;
  if (input.type === "request") return { ...input, request: { face, request: input.request } };
  if (input.type === "timer") {
    return input.timer.startsWith(String(face)) ? { ...input, timer: input.timer.slice(1) } : undefined;
  }
  if (sides[face].includes(input.from)) return input;
  const told = input.message as { readonly face?: number; readonly message?: Json };
  return told.face === face && told.message !== undefined ? { ...input, message: told.message } : undefined;
}
