import type { MakeTeleprompter } from "#optimize";
import { evolution } from "./evolution.ts";
import { randomSearch } from "./random-search.ts";
import { simba } from "./simba.ts";

/** The teleprompters for teams, as stored runs name them: `teleprompterNamed(name, options, teamTeleprompters)`. */
export const teamTeleprompters: Readonly<Record<string, MakeTeleprompter>> = {
  team_random_search: (options) => randomSearch(options),
  team_evolution: (options) => evolution(options),
  team_simba: (options) => simba(options),
};
