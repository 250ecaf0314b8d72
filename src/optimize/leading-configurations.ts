import type { Configuration } from "#variables";
import { checkCounts } from "./check-counts.ts";
import type { Report } from "./run/report.ts";

/**
 * The best configurations that a run measured on as many examples as any, best first: the members of an `ensemble`.
 * Fewer than `size` (5 unless told) where there are not as many. A configuration is the run's part of the program's, as
 * `appliedConfiguration` takes it.
 */
export function leadingConfigurations(
  { candidates }: Pick<Report, "candidates">,
  { size = 5 }: { readonly size?: number } = {},
): readonly Configuration[] {
  checkCounts("leadingConfigurations", { size });
  const most = Math.max(0, ...candidates.map(({ examples }) => examples));
  const measured = candidates.filter(({ score, examples }) => score !== null && examples === most);
  return measured.slice(0, size).map(({ configuration }) => configuration);
}
