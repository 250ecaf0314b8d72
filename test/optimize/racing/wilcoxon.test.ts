import { expect, test } from "vitest";
import { UsageError } from "#foundation";
import { wilcoxonSignedRank } from "#optimize";

test("Darwin's maize, as published: 96 of 120, p = .041", () => {
  const differences = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48];
  const { statistic, pairs, greater, less, twoSided } = wilcoxonSignedRank(differences);
  expect({ statistic, pairs }).toEqual({ statistic: 96, pairs: 15 });
  expect(greater).toBeCloseTo(0.0206298828125, 14);
  expect(less).toBeCloseTo(0.982330322265625, 14);
  expect(twoSided).toBeCloseTo(0.041259765625, 14);
});

test("counted by hand: of the eight signs of three ranks, one gives the sum 6 and two give 5 or more", () => {
  expect(wilcoxonSignedRank([1, 2, 3])).toMatchObject({ statistic: 6, greater: 1 / 8, less: 1, twoSided: 1 / 4 });
  expect(wilcoxonSignedRank([-1, 2, 3])).toMatchObject({ statistic: 5, greater: 2 / 8, less: 7 / 8 });
});

test("ties share the mean rank, zeros are left out, and it is exact all the same", () => {
  // Of the 512 signs of the ranks 2.5 2.5 2.5 2.5 6 6 6 8 9, 127 give at least 28.5 and 401 at most that.
  const { statistic, pairs, greater, less } = wilcoxonSignedRank([1, 1, -1, 2, 2, -3, 0, 4, 1, -2]);
  expect({ statistic, pairs }).toEqual({ statistic: 28.5, pairs: 9 });
  expect(greater).toBeCloseTo(0.248046875, 14);
  expect(less).toBeCloseTo(0.783203125, 14);
});

test("of right and wrong answers it is the sign test", () => {
  expect(wilcoxonSignedRank([...Array<number>(9).fill(1), -1]).greater).toBeCloseTo(11 / 1024, 14);
});

test("above 50 differences the normal approximation, with and without ties, as scipy 1.16 has it", () => {
  const many = Array.from({ length: 80 }, (_, at) => (((at * 37) % 101) - 40) / 10);
  expect(wilcoxonSignedRank(many)).toMatchObject({ statistic: 2144.5, pairs: 79 });
  expect(wilcoxonSignedRank(many).greater).toBeCloseTo(0.0029220573583569613, 6);
  const tied = Array.from({ length: 80 }, (_, at) => ((at * 7) % 5) - 1.5);
  expect(wilcoxonSignedRank(tied).less).toBeCloseTo(0.9976859650877249, 6);
  expect(wilcoxonSignedRank(tied).twoSided).toBeCloseTo(0.004699163845596408, 6);
});

test("exact and approximate meet at 50 differences", () => {
  const differences = Array.from({ length: 51 }, (_, at) => ((at * 19) % 53) - 20.5);
  const [exact, approximate] = [wilcoxonSignedRank(differences.slice(0, 50)), wilcoxonSignedRank(differences)];
  expect(Math.abs(exact.greater - approximate.greater)).toBeLessThan(0.02);
});

test("the other sign is the other tail", () => {
  const differences = [3, -1, 4, -1, 5, 9, -2, 6];
  const [one, other] = [wilcoxonSignedRank(differences), wilcoxonSignedRank(differences.map((value) => -value))];
  expect(other.less).toBeCloseTo(one.greater, 14);
  expect(other.greater).toBeCloseTo(one.less, 14);
});

test("nothing differs: every chance is 1; what is no number is refused", () => {
  for (const differences of [[], [0, 0, 0]])
    expect(wilcoxonSignedRank(differences)).toEqual({ statistic: 0, pairs: 0, greater: 1, less: 1, twoSided: 1 });
  expect(() => wilcoxonSignedRank([1, Number.NaN])).toThrow(UsageError);
});
