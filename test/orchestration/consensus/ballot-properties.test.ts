import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { castVote, certificateOf, openBallot, recount, tally } from "#orchestration";
import type { Ballot, VotingRule } from "#orchestration";

fc.configureGlobal({ seed: 51, numRuns: 500 });

/** The ballot after these votes, in order: [voter, choice]. */
function after(ballot: Ballot, votes: readonly (readonly [string, string | null])[]): Ballot {
  return votes.reduce((open, [voter, choice]) => castVote(open, { ballot: "b", voter, choice }, 0).ballot, ballot);
}

describe("whatever is voted", () => {
  const rule = fc.constantFrom<VotingRule>("majority", "majority_of_cast", "plurality", "unanimous");
  const choice = fc.constantFrom("x", "y", "z", null);
  const weights = fc
    .array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 9 })
    .filter((all) => all.some((w) => w > 0));
  const election = fc.record({ weights, rule, votes: fc.array(fc.tuple(fc.nat(8), choice), { maxLength: 14 }) });
  const ballotOf = (all: readonly number[], by: VotingRule, scale = 1): Ballot =>
    openBallot({
      id: "b",
      voters: all.map((weight, place) => ({ voter: `v${place}`, weight: weight * scale })),
      choices: ["x", "y", "z"],
      rule: by,
    });
  const cast = (open: Ballot, votes: readonly (readonly [number, string | null])[]): Ballot =>
    after(
      open,
      votes.map(([voter, what]) => [`v${voter}`, what]),
    );

  test("the certificate recounts, and a majority in it is more than half of distinct members", () => {
    fc.assert(
      fc.property(election, (given) => {
        const ballot = cast(ballotOf(given.weights, given.rule), given.votes);
        const certificate = certificateOf(ballot);
        expect(recount(certificate, ballot.terms)).toMatchObject({ ok: true });
        if (certificate.winner === null || given.rule !== "majority") return;
        const winners = certificate.votes.filter((vote) => vote.choice === certificate.winner);
        const sum = winners.reduce((total, { voter }) => total + (given.weights[Number(voter.slice(1))] ?? 0), 0);
        expect(sum * 2).toBeGreaterThan(given.weights.reduce((total, weight) => total + weight, 0));
        expect(new Set(winners.map(({ voter }) => voter)).size).toBe(winners.length);
      }),
    );
  });

  test("order, scale, voters without weight and renaming change nothing", () => {
    fc.assert(
      fc.property(election, fc.nat(), (given, turn) => {
        const honest = [...new Map(given.votes.filter(([voter]) => voter < given.weights.length)).entries()];
        const plain = tally(cast(ballotOf(given.weights, given.rule), honest));
        const turned = honest.map((_, place) => honest[(place + turn) % honest.length] ?? ([0, null] as const));
        expect(tally(cast(ballotOf(given.weights, given.rule), turned))).toEqual(plain);
        expect(tally(cast(ballotOf(given.weights, given.rule, 7), honest)).winner).toBe(plain.winner);
        const nobody = [...given.weights, 0];
        const withNobody = [...honest, [given.weights.length, "z"] as const];
        if (given.rule !== "unanimous")
          expect(tally(cast(ballotOf(nobody, given.rule), withNobody)).winner).toBe(plain.winner);
        const renamed: Record<string, string> = { x: "y", y: "z", z: "x" };
        const other = honest.map(([voter, what]) => [voter, what === null ? null : (renamed[what] ?? "")] as const);
        const winner = plain.winner === null ? null : renamed[plain.winner];
        expect(tally(cast(ballotOf(given.weights, given.rule), other)).winner).toBe(winner);
      }),
    );
  });

  test("a voter split into two of the same total changes nothing; equal weights are a simple majority", () => {
    fc.assert(
      fc.property(election, (given) => {
        const honest = [...new Map(given.votes.filter(([voter]) => voter < given.weights.length)).entries()];
        const [first = 0, ...rest] = given.weights;
        const plain = tally(cast(ballotOf(given.weights, given.rule), honest));
        const twin = honest.find(([voter]) => voter === 0);
        const split = [...honest, ...(twin ? [[given.weights.length, twin[1]] as const] : [])];
        const halves = ballotOf([first / 2, ...rest, first / 2], given.rule);
        expect(tally(cast(halves, split)).winner).toBe(plain.winner);
        const equal = given.weights.map(() => 3);
        const one = given.weights.map(() => 1);
        expect(tally(cast(ballotOf(equal, "majority"), honest)).winner).toBe(
          tally(cast(ballotOf(one, "majority"), honest)).winner,
        );
      }),
    );
  });

  test("a lost vote never makes another win by a majority, a switch to the winner keeps it", () => {
    fc.assert(
      fc.property(election, fc.nat(), (given, which) => {
        const honest = [...new Map(given.votes.filter(([voter]) => voter < given.weights.length)).entries()];
        const open = ballotOf(given.weights, "majority");
        const { winner } = tally(cast(open, honest));
        const lost = honest.filter((_, place) => place !== which % Math.max(1, honest.length));
        expect([winner, null]).toContain(tally(cast(open, lost)).winner);
        if (winner === null) return;
        const place = which % given.weights.length;
        const switched = [...honest.filter(([voter]) => voter !== place), [place, winner] as const];
        for (const by of ["majority", "majority_of_cast", "plurality"] as const) {
          expect(tally(cast(ballotOf(given.weights, by), switched)).winner).toBe(winner);
        }
      }),
    );
  });
});
