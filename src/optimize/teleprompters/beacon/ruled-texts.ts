import { checkText } from "../../proposing/read-proposal.ts";
import { textRead } from "../../proposing/text-target.ts";
import type { TextTarget } from "../../proposing/text-target.ts";
import { ruledConfiguration, withRules } from "../simba/rules.ts";
import type { BeaconPlan } from "./beacon-plan.ts";
import type { BeaconState, RuledText } from "./beacon-state.ts";
import { rulesTaught } from "./lesson-work.ts";

/** The most rules behind one text: the oldest go where further ones come. */
const maxRules = 64;

/** How many texts get all rules that a round brought. */
const maxBases = 3;

/**
 * The state with texts that end with the rules that the phase's replies state: the best so far with all of them, with
 * every second reply's, and with the next best one's; what stands before its rules with the new ones alone; some others
 * with all. The model of the scores says which of them are tried.
 */
export function withRuledTexts(
  state: BeaconState,
  plan: BeaconPlan,
  place: number,
  tried: readonly string[],
): BeaconState {
  const target = plan.texts[place] as TextTarget;
  const taught = rulesTaught(state, plan, place);
  const pool = state.texts[target.name] ?? [];
  const known = [...new Set([...tried, ...pool])].map((text) => partsOf(state, target, text));
  const [best, second] = known;
  if (best === undefined || taught.length === 0) return state;
  const all = taught.flat();
  const halves = [0, 1].map((half) => taught.filter((_, at) => at % 2 === half).flat());
  const made = [
    ...known.slice(0, maxBases).map((each) => joined(each, all, target)),
    ...halves.map((half) => joined(best, half, target)),
    joined({ ...best, rules: [] }, all, target),
    joined(best, second?.rules ?? [], target),
  ];
  return made.reduce((now, each) => withText(now, plan, target, each), state);
}

function partsOf({ ruled }: BeaconState, { name }: TextTarget, text: string): RuledText {
  return ruled[name]?.[text] ?? { base: text, rules: [] };
}

function joined({ base, rules }: RuledText, added: RuledText["rules"], target: TextTarget): RuledText {
  const behind = withRules({ [target.name]: rules }, target, added, { maxRules })?.[target.name];
  return { base, rules: behind ?? rules };
}

/** The state with a further text, without its oldest rules where it is too long; unchanged where it is known. */
function withText(state: BeaconState, plan: BeaconPlan, target: TextTarget, made: RuledText): BeaconState {
  const { name, variable } = target;
  const pool = state.texts[name] ?? [];
  const known = pool.map((text) => textRead(target, text));
  for (let { rules } = made; rules.length > 0; rules = rules.slice(1)) {
    const text = String(ruledConfiguration([target], { [name]: made.base }, { [name]: rules })[name]);
    if (known.includes(text)) return state;
    if (!checkText(text, { variable, known: [], maxTokens: plan.maxTokens }).ok) continue;
    const own = { ...state.ruled[name], [text]: { base: made.base, rules } };
    return { ...state, texts: { ...state.texts, [name]: [...pool, text] }, ruled: { ...state.ruled, [name]: own } };
  }
  return state;
}
