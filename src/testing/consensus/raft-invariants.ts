import { canonicalJson } from "#foundation";
import type { RaftEntry, RaftState } from "#orchestration";

/** An `Invariant` of Raft that looks at nothing but the members' states: what is wrong with them, or nothing. */
export type RaftInvariant = (view: { readonly states: ReadonlyMap<string, RaftState> }) => string | undefined;

type Check = (states: readonly RaftState[]) => string | undefined;

/**
 * The safety of Raft (Figure 3 of the paper): `invariants` for `simulate`, checked after every step of one run. Each check remembers what it has
 * seen, so every run needs its own.
 */
export function raftInvariants(): Readonly<Record<string, RaftInvariant>> {
  const checks = {
    "election safety": electionSafety(),
    "leader append-only": leaderAppendOnly(),
    "log matching": logMatching(),
    "leader completeness": leaderCompleteness(),
    "state machine safety": stateMachineSafety(),
    "terms never fall": monotoneTerms(),
    "exactly once": exactlyOnce(),
  };
  const invariants = Object.entries(checks).map(([name, check]): [string, RaftInvariant] => [
    name,
    ({ states }) => check([...states.values()]),
  ]);
  return Object.fromEntries(invariants);
}

/** At most one leader in a term. */
function electionSafety(): Check {
  const leaders = new Map<number, string>();
  return (states) => {
    for (const { self, term, role } of states) {
      if (role !== "leader") continue;
      const other = leaders.get(term) ?? self;
      if (other !== self) return `${other} and ${self} both lead in term ${term}`;
      leaders.set(term, self);
    }
    return undefined;
  };
}

/** A leader never changes or takes away an entry of its log. */
function leaderAppendOnly(): Check {
  const logs = new Map<string, { readonly term: number; readonly log: readonly RaftEntry[] }>();
  return (states) => {
    for (const { self, term, role, log } of states) {
      const before = logs.get(self);
      if (role !== "leader") logs.delete(self);
      else logs.set(self, { term, log });
      if (role !== "leader" || before === undefined || before.term !== term || before.log === log) continue;
      if (!isPrefix(before.log, log)) return `${self} has changed its log while it led term ${term}`;
    }
    return undefined;
  };
}

/** If two logs have an entry of one term at one place, they are the same up to there. */
function logMatching(): Check {
  const fresh = newStates();
  return (states) => {
    for (const a of fresh(states)) {
      for (const b of states) {
        let index = a === b ? 0 : Math.min(a.log.length, b.log.length);
        while (index > 0 && a.log[index - 1]?.term !== b.log[index - 1]?.term) index--;
        if (!isPrefix(a.log.slice(0, index), b.log))
          return `the logs of ${a.self} and ${b.self} differ below ${index + 1}`;
      }
    }
    return undefined;
  };
}

/** What was committed is in the log of every leader of a later term. */
function leaderCompleteness(): Check {
  const committed: RaftEntry[] = [];
  const inTerm: number[] = [];
  const fresh = newStates();
  return (states) => {
    const changed = fresh(states);
    for (const { term, log, commit } of changed) {
      for (let index = committed.length; index < commit; index++) {
        const entry = log[index];
        if (entry === undefined) return `entry ${index + 1} is committed where it does not exist`;
        committed.push(entry);
        inTerm.push(term);
      }
    }
    for (const { self, term, role, log } of changed) {
      if (role !== "leader") continue;
      const lost = committed.findIndex((entry, at) => (inTerm[at] ?? 0) < term && !isSame(entry, log[at]));
      if (lost !== -1) return `${self} leads term ${term} without the committed entry ${lost + 1}`;
    }
    return undefined;
  };
}

/** No two members ever apply different commands at one place. */
function stateMachineSafety(): Check {
  const applied: RaftEntry[] = [];
  const fresh = newStates();
  return (states) => {
    for (const { self, log, applied: upTo } of fresh(states)) {
      for (let index = 0; index < upTo; index++) {
        const [entry, first] = [log[index], applied[index]];
        if (entry === undefined) return `${self} has applied entry ${index + 1}, which it has not`;
        if (first === undefined) applied.push(entry);
        else if (!isSame(first, entry)) return `${self} has applied another entry ${index + 1} than a member before it`;
      }
    }
    return undefined;
  };
}

/** A member's term never falls, not over a crash either. */
function monotoneTerms(): Check {
  const terms = new Map<string, number>();
  return (states) => {
    for (const { self, term } of states) {
      const before = terms.get(self) ?? 0;
      if (term < before) return `${self} goes back from term ${before} to ${term}`;
      terms.set(self, term);
    }
    return undefined;
  };
}

/** A session stands at the highest of its writes that are applied: a repeated or overtaken one has had no effect. */
function exactlyOnce(): Check {
  const fresh = newStates();
  return (states) => {
    for (const { self, log, applied, sessions } of fresh(states)) {
      const last = new Map<string, number>();
      for (const { session, seq } of log.slice(0, applied)) {
        if (session !== null) last.set(session, Math.max(seq, last.get(session) ?? seq));
      }
      for (const [session, seq] of last) {
        if (sessions[session]?.seq !== seq)
          return `${self} has session ${session} at ${sessions[session]?.seq}, not ${seq}`;
      }
    }
    return undefined;
  };
}

function isPrefix(start: readonly RaftEntry[], log: readonly RaftEntry[]): boolean {
  return start.every((entry, place) => isSame(entry, log[place]));
}

function isSame(a: RaftEntry, b: RaftEntry | undefined): boolean {
  if (a === b) return true;
  if (b === undefined || a.term !== b.term || a.session !== b.session || a.seq !== b.seq) return false;
  return a.command === b.command || canonicalJson(a.command) === canonicalJson(b.command);
}

/** Which states are others than at the last call: a step changes one of them. */
function newStates(): (states: readonly RaftState[]) => RaftState[] {
  let before: ReadonlySet<RaftState> = new Set();
  return (states) => {
    const fresh = states.filter((state) => !before.has(state));
    before = new Set(states);
    return fresh;
  };
}
