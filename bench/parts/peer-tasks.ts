import { sampleItems, seededRng } from "#foundation";
import { triageExamples, triageProgram } from "../../src/cli/demos/triage/program.ts";
import type { TicketExample } from "../../src/cli/demos/triage/program.ts";
import { queues } from "../../src/cli/demos/triage/tickets.ts";
import { freshIntents, readBanking77 } from "./banking77.ts";

/** One labelled text. */
export interface PeerRow {
  readonly x: string;
  readonly y: string;
}

/** A classification that ours and the peers' optimisers get alike: one text in, one of the labels out. */
export interface PeerTask {
  readonly name: PeerTaskName;
  readonly instructions: string;
  readonly input: string;
  readonly output: string;
  readonly labels: readonly string[];
  readonly train: readonly PeerRow[];
  readonly validation: readonly PeerRow[];
  readonly test: readonly PeerRow[];
}

export type PeerTaskName = "triage" | "banking";

/** The tasks for which there are data on this machine. */
export function peerTaskNames(): readonly PeerTaskName[] {
  return readBanking77(freshIntents) !== undefined ? ["triage", "banking"] : ["triage"];
}

const sizes = { train: 100, validation: 100, test: 240 } as const;

/** The task of that name; which rows it has is drawn from the seed. */
export function peerTask(name: PeerTaskName, seed: number): PeerTask {
  return name === "triage" ? triage(seed) : banking(seed);
}

function triage(seed: number): PeerTask {
  const { train, validation, test } = triageExamples(seededRng(`peers ${seed}`));
  const rows = (examples: readonly TicketExample[], split: keyof typeof sizes): readonly PeerRow[] =>
    sampleItems(seededRng(`${split} ${seed}`), examples, sizes[split]).map(({ inputs, expected }) => ({
      x: inputs.ticket,
      y: expected?.queue ?? "",
    }));
  return {
    name: "triage",
    instructions: triageProgram.signature.instructions,
    input: "ticket",
    output: "queue",
    labels: queues,
    train: rows(train, "train"),
    validation: rows(validation, "validation"),
    test: rows(test, "test"),
  };
}

function banking(seed: number): PeerTask {
  const rows = readBanking77(freshIntents) ?? [];
  const drawn = sampleItems(
    seededRng(`train ${seed}`),
    rows.filter(({ s }) => s === "train"),
    sizes.train + sizes.validation,
  ).map(({ x, y }) => ({ x, y }));
  const heldOut = rows.filter(({ s }) => s === "test");
  return {
    name: "banking",
    instructions: "Choose the intent of the customer's message.",
    input: "customerMessage",
    output: "intent",
    labels: freshIntents,
    train: drawn.slice(0, sizes.train),
    validation: drawn.slice(sizes.train),
    test: sampleItems(seededRng(`test ${seed}`), heldOut, sizes.test).map(({ x, y }) => ({ x, y })),
  };
}
