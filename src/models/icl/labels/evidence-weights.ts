/** How much each kind of evidence counts. */
export interface EvidenceWeights {
  readonly kernel: number;
  readonly bayes: number;
  readonly name: number;
  readonly description: number;
  readonly rule: number;
  readonly exclusion: number;
}
