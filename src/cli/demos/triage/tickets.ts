import { integerBelow, pick, sampleItems, shuffle, UsageError } from "#foundation";
import type { Rng } from "#foundation";
import phrases from "./data/phrases.json" with { type: "json" };
import queueData from "./data/queues.json" with { type: "json" };

/** The queues a ticket may belong to, in the order in which the desk lists them. */
export const queues: readonly [
  "billing",
  "refunds",
  "returns",
  "shipping",
  "account",
  "security",
  "technical",
  "product_feedback",
] = ["billing", "refunds", "returns", "shipping", "account", "security", "technical", "product_feedback"];

/** The name of a queue of the support desk. */
export type Queue = (typeof queues)[number];

/** A customer's message, the queue it is filed under, and the template it was written from (`queue-number`). */
export interface Ticket {
  readonly ticket: string;
  readonly queue: Queue;
  /** Begins with the queue the ticket truly belongs to; a template occurs in one split only. */
  readonly template: string;
}

/** Tickets to learn from, to choose by and to report on. No template and no text occurs in two of them. */
export interface TicketSplits {
  /** About 3 % of these are filed under a neighbouring queue, as a tired human would. */
  readonly train: readonly Ticket[];
  readonly validation: readonly Ticket[];
  readonly test: readonly Ticket[];
}

/** What belongs into each queue, one line each, as the desk documents it. */
export const queueDescriptions: Readonly<Record<Queue, string>> = perQueue((queue) => queueData[queue].description);

/** Queues that share vocabulary: asides and wrong labels come from here. */
const neighbours: Readonly<Record<Queue, readonly Queue[]>> = {
  billing: ["refunds", "account"],
  refunds: ["billing", "returns"],
  returns: ["refunds", "shipping", "technical"],
  shipping: ["returns", "account"],
  account: ["security", "billing", "shipping"],
  security: ["account", "technical"],
  technical: ["product_feedback", "security", "returns"],
  product_feedback: ["technical", "shipping"],
};

const slots: Readonly<Record<string, readonly string[]>> = phrases.slots;
const abbreviations: ReadonlyMap<string, string> = new Map(Object.entries(phrases.abbreviations));

/** How often each habit of customers shows in a ticket: tuned for the accuracies that the demo is about. */
const chance = {
  opener: 0.45,
  filler: 0.15,
  aside: 0.22,
  signOff: 0.25,
  typos: 0.35,
  lowerCase: 0.25,
  abbreviated: 0.15,
};
const wrongLabelShare = 0.03;
const validationTemplates = 5;
const testTemplates = 7;
const maxAttempts = 100;

interface Template {
  readonly id: string;
  readonly queue: Queue;
  readonly text: string;
}

/**
 * Writes the tickets of a support desk: balanced over the queues, deterministic per seed. Which templates train,
 * validate and test is drawn per seed, so that a result over several seeds does not hang on one lucky assignment.
 *
 * @throws UsageError when a size is no count, or so large that the templates cannot yield that many different texts
 */
export function generateTickets(
  rng: Rng,
  sizes: { readonly train: number; readonly validation: number; readonly test: number } = {
    train: 240,
    validation: 120,
    test: 240,
  },
): TicketSplits {
  const templates = assignTemplates(rng.fork("templates"));
  const written = new Set<string>();
  const split = (name: keyof TicketSplits): Ticket[] =>
    writeSplit(rng.fork(name), { templates: templates[name], size: checkedSize(name, sizes[name]), written });
  const train = split("train");
  return {
    train: mislabel(rng.fork("labels"), train),
    validation: split("validation"),
    test: split("test"),
  };
}

type AssignedTemplates = Readonly<Record<keyof TicketSplits, Readonly<Record<Queue, readonly Template[]>>>>;

function assignTemplates(rng: Rng): AssignedTemplates {
  const shuffled = perQueue((queue) => shuffle(rng.fork(queue), templatesOf(queue)));
  const held = validationTemplates + testTemplates;
  return {
    validation: perQueue((queue) => shuffled[queue].slice(0, validationTemplates)),
    test: perQueue((queue) => shuffled[queue].slice(validationTemplates, held)),
    train: perQueue((queue) => shuffled[queue].slice(held)),
  };
}

function templatesOf(queue: Queue): Template[] {
  return queueData[queue].templates.map((text, index) => ({ id: `${queue}-${index + 1}`, queue, text }));
}

function perQueue<T>(valueOf: (queue: Queue) => T): Readonly<Record<Queue, T>> {
  return Object.fromEntries(queues.map((queue) => [queue, valueOf(queue)])) as Record<Queue, T>;
}

function checkedSize(split: string, size: number): number {
  if (Number.isInteger(size) && size >= 0) return size;
  throw new UsageError(`sizes.${split} must be a whole number of tickets, got ${size}`);
}

interface SplitPlan {
  readonly templates: Readonly<Record<Queue, readonly Template[]>>;
  readonly size: number;
  readonly written: Set<string>;
}

/** Goes round the queues, and within a queue round its templates: every share is even up to one ticket. */
function writeSplit(rng: Rng, plan: SplitPlan): Ticket[] {
  const order = shuffle(rng.fork("queues"), queues);
  const tickets = Array.from({ length: plan.size }, (_, index) => {
    const ofQueue = plan.templates[order[index % order.length] as Queue];
    const template = ofQueue[Math.floor(index / order.length) % ofQueue.length] as Template;
    return {
      ticket: writeNew(rng.fork(`${index}`), template, plan.written),
      queue: template.queue,
      template: template.id,
    };
  });
  return shuffle(rng.fork("order"), tickets);
}

function writeNew(rng: Rng, template: Template, written: Set<string>): string {
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const text = writeTicket(rng.fork(`${attempt}`), template);
    if (written.has(text)) continue;
    written.add(text);
    return text;
  }
  throw new UsageError(`too many tickets: template ${template.id} yields no new text after ${maxAttempts} attempts`);
}

function writeTicket(rng: Rng, template: Template): string {
  const core = withAside(rng, template);
  const message = fillSlots(rng, withSignOff(rng, withOpener(rng, withFiller(rng, core))));
  return withTypos(rng, inLowerCase(rng, abbreviated(rng, message)));
}

/** Adds a remark in the words of a neighbouring queue, in front or behind. */
function withAside(rng: Rng, { queue, text }: Template): string {
  if (!happens(rng, chance.aside)) return text;
  const aside = pick(rng, queueData[pick(rng, neighbours[queue])].asides);
  return happens(rng, 0.5) ? `${aside}, but ${continued(text)}` : `${text} ${aside}.`;
}

function withFiller(rng: Rng, text: string): string {
  return happens(rng, chance.filler) ? capitalised(`${pick(rng, phrases.fillers)} ${continued(text)}`) : text;
}

function withOpener(rng: Rng, text: string): string {
  if (!happens(rng, chance.opener)) return text;
  const opener = pick(rng, phrases.openers);
  return `${opener} ${opener.endsWith(",") ? continued(text) : text}`;
}

function withSignOff(rng: Rng, text: string): string {
  return happens(rng, chance.signOff) ? `${text} ${pick(rng, phrases.signOffs)}` : text;
}

/** The sentence as it goes on after a comma; "I" and slots keep their case. */
function continued(text: string): string {
  return /^I\b/.test(text) ? text : text.charAt(0).toLowerCase() + text.slice(1);
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function fillSlots(rng: Rng, text: string): string {
  return text.replaceAll(/\{(\w+)\}/g, (_, slot: string) =>
    slot === "order" ? `${10_000 + integerBelow(rng, 90_000)}` : pick(rng, fillersOf(slot)),
  );
}

function fillersOf(slot: string): readonly string[] {
  const fillers = slots[slot];
  if (fillers === undefined) throw new UsageError(`no fillers for the slot {${slot}} in data/phrases.json`);
  return fillers;
}

function abbreviated(rng: Rng, text: string): string {
  if (!happens(rng, chance.abbreviated)) return text;
  return text.replaceAll(
    /\p{L}+/gu,
    (word) => abbreviations.get(word) ?? abbreviations.get(word.toLowerCase()) ?? word,
  );
}

function inLowerCase(rng: Rng, text: string): string {
  return happens(rng, chance.lowerCase) ? text.toLowerCase() : text;
}

/** Spoils one or two of the longer words. */
function withTypos(rng: Rng, text: string): string {
  if (!happens(rng, chance.typos)) return text;
  const words = text.split(" ");
  const longWords = words.flatMap((word, index) => (/^\p{L}{4,}/u.test(word) ? [index] : []));
  const spoiled = new Set(sampleItems(rng, longWords, 1 + integerBelow(rng, 2)));
  return words.map((word, index) => (spoiled.has(index) ? misspelt(rng, word) : word)).join(" ");
}

/** Swaps, drops or doubles a letter; the first one stays, as it does in real typing. */
function misspelt(rng: Rng, word: string): string {
  const letters = /^\p{L}+/u.exec(word)?.[0].length ?? 0;
  const at = 1 + integerBelow(rng, letters - 2);
  const [before, letter, next, after] = [word.slice(0, at), word.charAt(at), word.charAt(at + 1), word.slice(at + 2)];
  return pick(rng, [before + next + letter + after, before + next + after, before + letter + letter + next + after]);
}

function mislabel(rng: Rng, tickets: readonly Ticket[]): Ticket[] {
  const wrong = new Set(sampleItems(rng, [...tickets.keys()], Math.round(tickets.length * wrongLabelShare)));
  return tickets.map((ticket, index) =>
    wrong.has(index) ? { ...ticket, queue: pick(rng, neighbours[ticket.queue]) } : ticket,
  );
}

function happens(rng: Rng, probability: number): boolean {
  return rng.next() < probability;
}
