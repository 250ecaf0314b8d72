import type { JsonObject } from "#foundation";

/** An algorithm that DSPy and we both have. */
export type PeerAlgorithm = "bootstrap" | "bootstrap_random" | "mipro" | "simba" | "gepa";

/** The most demonstrations in a prompt, for everyone: more of them are better here, and that is not what is compared. */
export const maxDemos = 16;

/**
 * DSPy's own arguments, which decide how many calls it makes; `bench/peers/dspy/README.md` says how they were chosen.
 * What is not told is DSPy's default.
 */
export const dspySettings: Readonly<Record<PeerAlgorithm, JsonObject>> = {
  bootstrap: { max_bootstrapped_demos: 8, max_labeled_demos: maxDemos },
  bootstrap_random: { max_bootstrapped_demos: 8, max_labeled_demos: maxDemos, num_candidate_programs: 8 },
  mipro: { auto: "light", max_bootstrapped_demos: 8, max_labeled_demos: maxDemos },
  simba: { bsize: 16, num_candidates: 6, max_steps: 4, max_demos: maxDemos },
  gepa: { max_metric_calls: 1000, reflection_minibatch_size: 32 },
};

export const peerAlgorithms: readonly PeerAlgorithm[] = Object.keys(dspySettings) as PeerAlgorithm[];
