import { describe, expect, test } from "vitest";
import { UsageError } from "#foundation";
import { castVote, certificateOf, openBallot, recount, tally } from "#orchestration";
import type { Ballot, BallotOptions, Tally, Voter, VotingRule } from "#orchestration";

const voters = ["ann", "bob", "cy", "dee", "eve"];

function opened(options: Partial<BallotOptions> = {}): Ballot {
  return openBallot({ id: "b", voters, choices: ["yes", "no"], ...options });
}

/** The ballot after these votes, in order: [voter, choice]. */
function after(ballot: Ballot, votes: readonly (readonly [string, string | null])[], at = 0): Ballot {
  return votes.reduce((open, [voter, choice]) => castVote(open, { ballot: "b", voter, choice }, at).ballot, ballot);
}

/** One letter for each voter: y, n, a(bstains), - (silent). */
function said(letters: string, options: Partial<BallotOptions> = {}): Tally {
  const choices: Record<string, string | null> = { y: "yes", n: "no", a: null };
  const votes = letters
    .split("")
    .flatMap((letter, place) => (letter === "-" ? [] : [[voters[place] ?? "", choices[letter] ?? null] as const]));
  return tally(after(opened(options), votes));
}

describe("a majority", () => {
  test.each([
    ["yyynn", "yes", 0.6],
    ["yynna", null, 0],
    ["yy---", null, 0],
    ["yyy--", "yes", 0.6],
    ["nnnyy", "no", 0.6],
    ["aaaaa", null, 0],
    ["-----", null, 0],
  ])("of the whole electorate: %s makes %s win", (letters, winner, confidence) => {
    expect(said(letters)).toMatchObject({ winner, confidence });
  });

  test("of the weights is strict: exactly half decides nothing", () => {
    const experts: Voter[] = [
      { voter: "expert", weight: 3 },
      ...["a", "b", "c"].map((voter) => ({ voter, weight: 1 })),
    ];
    const open = opened({ voters: experts });
    const split = after(open, [["expert", "yes"], ["a", "no"], ["b", "no"], ["c", "no"]]); // prettier-ignore
    expect(tally(split)).toMatchObject({ winner: null, shares: [{ share: 0.5 }, { share: 0.5 }] });
    expect(
      tally(
        after(open, [
          ["expert", "yes"],
          ["a", "yes"],
        ]),
      ).winner,
    ).toBe("yes");
  });

  test("of weights in decimals and fractions is counted without floating-point sums", () => {
    // 0.1 + 0.2 > 0.3 in floating point; three thirds are one.
    const tenths = { a: 0.1, b: 0.2, c: 0.3 };
    const open = opened({ voters: Object.entries(tenths).map(([voter, weight]) => ({ voter, weight })) });
    expect(
      tally(
        after(open, [
          ["a", "yes"],
          ["b", "yes"],
          ["c", "no"],
        ]),
      ).winner,
    ).toBe(null);
    const thirds = opened({
      voters: [...["a", "b", "c"].map((voter) => ({ voter, weight: [1, 3] as const })), { voter: "d", weight: 1 }],
    });
    expect(
      tally(
        after(thirds, [
          ["a", "yes"],
          ["b", "yes"],
          ["c", "yes"],
          ["d", "no"],
        ]),
      ).winner,
    ).toBe(null);
    const huge = opened({
      voters: [
        { voter: "a", weight: 2 ** 53 },
        { voter: "b", weight: 2 ** 53 },
        { voter: "c", weight: 1 },
      ],
    });
    expect(
      tally(
        after(huge, [
          ["a", "yes"],
          ["c", "yes"],
        ]),
      ).winner,
    ).toBe("yes");
  });
});

describe("the other rules", () => {
  test("majority of cast needs its quorum and does not count abstentions against", () => {
    const rule: VotingRule = "majority_of_cast";
    expect(said("yna--", { rule }).winner).toBe(null);
    expect(said("yya--", { rule }).winner).toBe("yes");
    expect(said("yy---", { rule }).winner).toBe(null);
    expect(said("yy---", { rule, quorum: [2, 5] }).winner).toBe("yes");
  });

  test("plurality has no winner in a tie", () => {
    const open = opened({ choices: ["a", "b", "c"], rule: "plurality" });
    expect(
      tally(
        after(open, [
          ["ann", "a"],
          ["bob", "a"],
          ["cy", "b"],
          ["dee", "c"],
        ]),
      ).winner,
    ).toBe("a");
    expect(
      tally(
        after(open, [
          ["ann", "a"],
          ["bob", "a"],
          ["cy", "b"],
          ["dee", "b"],
        ]),
      ).winner,
    ).toBe(null);
  });

  test("unanimous is all, nobody silent or abstaining", () => {
    const rule: VotingRule = "unanimous";
    expect(["yyyyy", "yyyyn", "yyyya", "yyyy-"].map((letters) => said(letters, { rule }).winner)).toEqual([
      "yes",
      null,
      null,
      null,
    ]);
  });
});

describe("a vote", () => {
  const vote = { ballot: "b", voter: "ann", choice: "yes" };
  test.each([
    ["of a stranger", { ...vote, voter: "mallory" }, "foreign"],
    ["for another ballot", { ...vote, ballot: "c" }, "wrong_ballot"],
    ["for what is no choice", { ...vote, choice: "toString" }, "unknown_choice"],
  ])("%s changes nothing", (_, bad, refused) => {
    const open = after(opened(), [["bob", "no"]]);
    expect(castVote(open, bad, 0)).toEqual({ ballot: open, refused });
  });

  test("after the end changes nothing, at the end it counts", () => {
    const open = opened({ closesAt: 10 });
    expect(castVote(open, vote, 10).refused).toBe(undefined);
    expect(castVote(open, vote, 11)).toEqual({ ballot: open, refused: "late" });
  });

  test("counts once: the same again is nothing, another one is reported", () => {
    const once = after(opened(), [["ann", "yes"]]);
    expect(castVote(once, vote, 1)).toEqual({ ballot: once, refused: "duplicate" });
    const twice = castVote(once, { ...vote, choice: "no" }, 1);
    expect(twice).toEqual({ ballot: { ...once, equivocators: ["ann"] }, refused: "equivocation" });
    expect(castVote(twice.ballot, { ...vote, choice: null }, 1).ballot.equivocators).toEqual(["ann"]);
  });
});

describe("a ballot is not opened", () => {
  test.each<[string, Partial<BallotOptions>]>([
    ["without voters", { voters: [] }],
    ["with a voter twice", { voters: ["ann", "ann"] }],
    ["without choices", { choices: [] }],
    ["with a choice twice", { choices: ["yes", "yes"] }],
    ["with a weight below 0", { voters: [{ voter: "ann", weight: -1 }] }],
    ["with a weight that is no number", { voters: [{ voter: "ann", weight: Number.NaN }] }],
    ["with a weight that is nothing", { voters: [{ voter: "ann", weight: null as unknown as number }] }],
    ["with a fraction by 0", { voters: [{ voter: "ann", weight: [1, 0] }] }],
    ["with no weight at all", { voters: [{ voter: "ann", weight: 0 }] }],
    ["with a quorum above 1", { rule: "plurality", quorum: 1.5 }],
    ["with a quorum beside a majority of all", { quorum: 0.5 }],
    ["with an end that is no time", { closesAt: Number.NaN }],
  ])("%s", (_, options) => {
    expect(() => opened(options)).toThrow(UsageError);
  });
});

describe("a certificate", () => {
  const certificate = certificateOf(after(opened(), [["ann", "yes"], ["bob", "yes"], ["cy", "yes"], ["dee", "no"]])); // prettier-ignore
  const [first] = certificate.votes;
  const vote = first ?? { ballot: "b", voter: "", choice: null };

  test("recounts to its winner, also after JSON", () => {
    const copy = JSON.parse(JSON.stringify(certificate)) as typeof certificate;
    expect(recount(copy, opened().terms)).toEqual({
      ok: true,
      value: expect.objectContaining({ winner: "yes", confidence: 0.6 }),
    });
  });

  test.each([
    ["a vote too few", { ...certificate, votes: certificate.votes.slice(1) }, "wrong_winner"],
    ["another winner", { ...certificate, winner: "no" }, "wrong_winner"],
    ["a vote twice", { ...certificate, votes: [...certificate.votes, vote] }, "double_vote"],
    ["a stranger's vote", { ...certificate, votes: [...certificate.votes, { ...vote, voter: "mallory" }] }, "foreign"],
    ["another ballot's vote", { ...certificate, votes: [{ ...vote, ballot: "c" }] }, "wrong_ballot"],
    ["a vote for nothing", { ...certificate, votes: [{ ...vote, choice: "maybe" }] }, "unknown_choice"],
    ["a smaller electorate", { ...certificate, terms: opened({ voters: ["ann"] }).terms }, "other_terms"],
  ])("with %s is refuted", (_, forged, code) => {
    expect(recount(forged, opened().terms)).toMatchObject({ ok: false, error: { code } });
  });
});
