/** Ways in which a proposal may go, one for each prompt, so that several proposals from the same material differ. */
export const tips: readonly string[] = [
  "Be descriptive and informative: name what tells the answers apart.",
  "Keep it short and simple.",
  "Write rules: for each answer or situation, what speaks for it.",
  "Look at what went wrong and say what would have avoided it.",
  "Say what the person is an expert in who does this well, then how they do it.",
  "Be creative: try another approach than the current instruction.",
  "Say what is at stake and which mistakes are worst.",
  "Keep what works of the current instruction and sharpen the rest.",
];
