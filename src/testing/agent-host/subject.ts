import { systemClock } from "#foundation";
import { agent, ignore } from "#foundation/agents";
import type { AgentContext, AgentDefinition, ExitReason, Ignore } from "#foundation/agents";

/** What the subject is started with. */
export interface SubjectArgument {
  readonly total: number;
  readonly start?: "ignore" | "throw" | "hang";
}

/** What the subject can be told. */
export type SubjectMessage =
  | { readonly do: "add"; readonly amount: number }
  | { readonly do: "total" }
  | { readonly do: "note"; readonly note: unknown }
  | { readonly do: "notes" }
  | { readonly do: "echo"; readonly value: unknown }
  | { readonly do: "crash"; readonly message: string }
  | { readonly do: "keep_silent" }
  | { readonly do: "answer_later"; readonly ms: number }
  | { readonly do: "answer_a_function" }
  /** Answers at once, and then takes so long. */
  | { readonly do: "hold"; readonly ms: number }
  /** Is answered by `terminate`. */
  | { readonly do: "farewell" }
  | { readonly do: "stop"; readonly reason: ExitReason }
  /** Is answered when the total has changed. */
  | { readonly do: "await_change" };

interface SubjectState {
  readonly initial: number;
  readonly total: number;
  readonly notes: unknown[];
  readonly farewells: ((word: string) => void)[];
}

type SubjectContext = AgentContext<SubjectMessage>;

const farewellMs = 50;

async function init(
  { total, start }: SubjectArgument,
  { clock, signal }: SubjectContext,
): Promise<SubjectState | Ignore> {
  if (start === "ignore") return ignore;
  if (start === "throw") throw Object.assign(new RangeError("no such subject"), { code: "no_subject" });
  if (start === "hang") await clock.sleep(60_000, { signal });
  return { initial: total, total, notes: [], farewells: [] };
}

async function handle(message: SubjectMessage, state: SubjectState, context: SubjectContext): Promise<SubjectState> {
  switch (message.do) {
    case "add":
      return { ...state, total: state.total + message.amount };
    case "total":
      context.reply(state.total);
      return state;
    case "note":
      state.notes.push(message.note);
      return state;
    case "notes":
      context.reply(state.notes);
      return state;
    case "echo":
      context.reply(message.value);
      return state;
    case "crash":
      throw Object.assign(new TypeError(message.message), { code: "subject_crashed" });
    case "keep_silent":
      return state;
    case "stop":
      context.stop(message.reason);
      return state;
    case "farewell":
      state.farewells.push(context.replyLater());
      return state;
    case "answer_a_function":
      context.reply(() => {});
      return state;
    default:
      return handleSlow(message, state, context);
  }
}

async function handleSlow(
  message: Extract<SubjectMessage, { do: "answer_later" | "hold" | "await_change" }>,
  state: SubjectState,
  context: SubjectContext,
): Promise<SubjectState> {
  if (message.do === "await_change") {
    if (state.total === state.initial) context.postpone();
    else context.reply(state.total);
    return state;
  }
  if (message.do === "hold") {
    context.reply("held");
    await context.clock.sleep(message.ms);
    return state;
  }
  const answer = context.replyLater();
  void context.clock.sleep(message.ms).then(() => answer("late"));
  return state;
}

/** The agent that the contract of hosts is about: it does what its messages say. */
export const subject: AgentDefinition<SubjectState, SubjectMessage, SubjectArgument> = agent({
  name: "subject",
  init,
  handle,
  async terminate(_, { farewells }) {
    if (farewells.length === 0) return;
    await systemClock.sleep(farewellMs);
    for (const farewell of farewells) farewell("goodbye");
  },
});

/** The subject with room for two messages. */
export const narrowSubject: AgentDefinition<SubjectState, SubjectMessage, SubjectArgument> = agent({
  ...subject,
  name: "narrow subject",
  mailbox: { capacity: 2, overflow: "block" },
});

/** Knows its total and nothing else: a state that can be cloned. */
export const plainSubject: AgentDefinition<{ readonly total: number }, SubjectMessage, SubjectArgument> = agent({
  name: "plain subject",
  init: ({ total }: SubjectArgument) => ({ total }),
  handle: (_: SubjectMessage, state, context) => {
    context.reply(state.total);
    return state;
  },
});

/** The subject, noting the ends of linked agents instead of ending with them. */
export const trappingSubject: AgentDefinition<SubjectState, SubjectMessage, SubjectArgument> = agent({
  ...subject,
  name: "trapping subject",
  exit: (_, reason, state) => {
    state.notes.push(reason);
    return state;
  },
});
