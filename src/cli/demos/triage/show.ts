import { driveRun } from "../../code/drive-run.ts";
import { exitCodes } from "../../exit-code.ts";
import type { ExitCode } from "../../exit-code.ts";
import { ownCommand } from "../../own-command.ts";
import { configurationText } from "../../reports/configuration-text.ts";
import { spendText } from "../../reports/report-text.ts";
import { openStore } from "../../session.ts";
import type { Session } from "../../session.ts";
import { table } from "../../terminal/table.ts";
import { count, duration, gainInterval, interval, score, signed } from "../../terminal/words.ts";
import { runTriageDemo } from "./demo.ts";
import type { TriageFigures, TriageRow } from "./demo.ts";
import { maxDemos } from "./program.ts";
import { queues } from "./tickets.ts";

/** The demo as a person sees it. */
export async function showTriageDemo(seed: number, session: Session): Promise<ExitCode> {
  const { out, signal, storePath } = session;
  out.note(`support-desk triage on generated tickets, seed ${seed}, with icl, the embedded offline model`);
  await using store = await openStore(session);
  const figures = await runTriageDemo({
    seed,
    store,
    signal,
    drive: (runner, record) => driveRun({ runner, record }, session),
  });
  out.print(...figuresText(figures), "");
  out.print(
    `Run ${figures.run} is stored in ${storePath}.`,
    `See it with: ${ownCommand(`runs show ${figures.run}`, session)}`,
  );
  const { report, ...rest } = figures;
  out.event({ ...rest, type: "result", store: storePath, spend: report.spend, configuration: report.configuration });
  return exitCodes.ok;
}

function figuresText(figures: TriageFigures): string[] {
  const { tickets, gain, significant, teleprompter, report } = figures;
  const right = "right" as const;
  const columns = [
    { title: `On ${tickets.test} held-out tickets` },
    { title: "accuracy", align: right },
    { title: "95 % interval", align: right },
    { title: "tokens a ticket", align: right },
  ];
  const rows = [
    rowText("default, no demonstrations", figures.default),
    rowText(`${maxDemos} random demonstrations`, figures.randomDemos),
    rowText("optimised", figures.optimized),
    ["gain, optimised − default", signed(gain.mean), gainInterval(gain.interval), ""],
  ];
  return [
    `${tickets.train + tickets.validation + tickets.test} tickets in ${queues.length} queues: ${tickets.train} to learn from (3 % of them filed wrongly), ${tickets.validation} to choose by, ${tickets.test} held out.`,
    "",
    ...table(columns, rows),
    "",
    significant
      ? "The gain is significant (paired, same tickets)."
      : "The gain is not significant: the program stays as it was.",
    `Found by ${teleprompter}, which searches demonstrations and leaves temperature, adapter and instructions as they are.`,
    `The search and the comparison cost ${spendText(report.spend)}; all in all ${duration(figures.wallMs)}.`,
    "",
    "The chosen configuration:",
    ...configurationText(report.configuration),
  ];
}

function rowText(title: string, { accuracy, interval: range, tokensPerTicket }: TriageRow): string[] {
  return [title, score(accuracy), interval(range), count(tokensPerTicket)];
}
