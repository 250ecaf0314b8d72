import type { Answer, Mind, Question } from "./question.ts";
import { answerText } from "./text-answer.ts";
import { findTyped } from "./typed-patterns.ts";

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/** A date as ISO 8601 has it: where the examples have theirs, else the only one or the first in the input. */
export function answerDate(question: Question, withTime: boolean, mind: Mind): Answer {
  const isTaught = question.examples.length > 0;
  const answer = isTaught ? answerText(question, mind) : undefined;
  const told = typeof answer?.value === "string" ? isoDate(answer.value, withTime) : undefined;
  if (told !== undefined) return { value: told, because: answer?.because ?? "" };
  for (const found of findTyped("date", question.query.whole)) {
    const date = isoDate(found, withTime);
    if (date !== undefined) return { value: date, because: `${JSON.stringify(found)} is a date` };
  }
  return { value: question.field.optional === true ? undefined : "", because: "" };
}

/** `undefined` for a text that is no date, or that could be two. */
function isoDate(text: string, withTime: boolean): string | undefined {
  const [, year, month, day, time] = /(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{2}:\d{2}(?::\d{2})?))?/.exec(text) ?? [];
  if (year !== undefined) return iso([year, month, day], withTime, time);
  const word = /[a-z]{3,}/i.exec(text)?.[0] ?? "";
  const number = months.indexOf(word.slice(0, 3).toLowerCase()) + 1;
  const namedYear = /\d{4}/.exec(text)?.[0];
  const namedDay = /(?<!\d)\d{1,2}(?!\d)/.exec(text)?.[0];
  if (number > 0 && namedYear !== undefined) return iso([namedYear, String(number), namedDay], withTime);
  const [, first = "", second = "", last] = /(\d{1,2})[./](\d{1,2})[./](\d{4})/.exec(text) ?? [];
  if (last === undefined) return undefined;
  const isDayFirst = text.includes(".") || Number(first) > 12;
  if (!isDayFirst && Number(second) <= 12 && first !== second) return undefined;
  return isDayFirst ? iso([last, second, first], withTime) : iso([last, first, second], withTime);
}

function iso(
  [year, month, day]: readonly (string | undefined)[],
  withTime: boolean,
  time = "00:00:00",
): string | undefined {
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const text = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  return withTime ? `${text}T${time.length === 5 ? `${time}:00` : time}Z` : text;
}
