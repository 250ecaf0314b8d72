import { describe, expect, it } from "vitest";
import { seededRng, UsageError } from "#foundation";
import { generateTickets, queueDescriptions, queues } from "../../../../src/cli/demos/triage/tickets.ts";
import type { Queue, Ticket, TicketSplits } from "../../../../src/cli/demos/triage/tickets.ts";

const seeds = [1, 2, 3, 4, 5];
const splitNames = ["train", "validation", "test"] as const;

const trueQueue = (ticket: Ticket): string => ticket.template.replace(/-\d+$/, "");
const templateIds = (tickets: readonly Ticket[]): Set<string> => new Set(tickets.map(({ template }) => template));
const all = (splits: TicketSplits): Ticket[] => splitNames.flatMap((name) => [...splits[name]]);
const countOf = (tickets: readonly Ticket[], queue: Queue): number =>
  tickets.filter((ticket) => ticket.queue === queue).length;

describe.each(seeds)("the tickets of seed %i", (seed) => {
  const splits = generateTickets(seededRng(seed));

  it("come in the documented sizes", () => {
    expect(splitNames.map((name) => splits[name].length)).toEqual([240, 120, 240]);
  });

  it("share no template between splits, and use at least 8, 4 and 6 templates per queue", () => {
    const ids = splitNames.map((name) => templateIds(splits[name]));
    expect(new Set(ids.flatMap((set) => [...set])).size).toBe(ids.reduce((sum, set) => sum + set.size, 0));
    for (const queue of queues) {
      const counts = ids.map((set) => [...set].filter((id) => id.startsWith(`${queue}-`)).length);
      expect(counts[0]).toBeGreaterThanOrEqual(8);
      expect(counts[1]).toBeGreaterThanOrEqual(4);
      expect(counts[2]).toBeGreaterThanOrEqual(6);
    }
  });

  it("never say the same thing twice", () => {
    const texts = all(splits).map(({ ticket }) => ticket);
    expect(new Set(texts).size).toBe(texts.length);
  });

  it("are balanced: each queue within a quarter of its share", () => {
    for (const name of splitNames) {
      const share = splits[name].length / queues.length;
      for (const queue of queues) expect(Math.abs(countOf(splits[name], queue) - share)).toBeLessThanOrEqual(share / 4);
    }
  });

  it("are filed wrongly in the training split only, and rarely there", () => {
    const wrong = (tickets: readonly Ticket[]): number =>
      tickets.filter((ticket) => ticket.queue !== trueQueue(ticket)).length;
    expect(wrong(splits.train)).toBe(7);
    expect(wrong(splits.validation)).toBe(0);
    expect(wrong(splits.test)).toBe(0);
  });

  it("have every slot filled and no loose ends", () => {
    for (const { ticket } of all(splits)) {
      expect(ticket).not.toMatch(/[{}]|undefined| {2}|^\s|\s$/);
      expect(ticket.length).toBeGreaterThan(20);
    }
  });
});

describe("generateTickets", () => {
  it("gives the same tickets for the same seed and other tickets for another", () => {
    expect(generateTickets(seededRng(7))).toEqual(generateTickets(seededRng(7)));
    expect(generateTickets(seededRng(7)).test).not.toEqual(generateTickets(seededRng(8)).test);
  });

  it("draws anew per seed which templates are kept for the test", () => {
    const kept = seeds.map((seed) => [...templateIds(generateTickets(seededRng(seed)).test)].sort().join());
    expect(new Set(kept).size).toBe(seeds.length);
  });

  it("stays balanced in sizes that the queues do not divide", () => {
    const { train, validation, test } = generateTickets(seededRng(1), { train: 0, validation: 13, test: 100 });
    expect([train.length, validation.length, test.length]).toEqual([0, 13, 100]);
    for (const queue of queues) expect([12, 13]).toContain(countOf(test, queue));
  });

  it("refuses a size that is no count", () => {
    expect(() => generateTickets(seededRng(1), { train: 1.5, validation: 1, test: 1 })).toThrow(UsageError);
    expect(() => generateTickets(seededRng(1), { train: 1, validation: -1, test: 1 })).toThrow("sizes.validation");
  });
});

describe("queues", () => {
  it("are eight, each with a one-line description", () => {
    expect(new Set(queues).size).toBe(8);
    for (const queue of queues) expect(queueDescriptions[queue]).toMatch(/^[A-Z].{20,110}\.$/);
  });
});
