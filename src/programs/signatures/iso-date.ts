const dayPart = /^(\d{4})-(\d{2})-(\d{2})/;
const timePart = /^T(\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?(?:Z|[+-]([01]\d|2[0-3]):[0-5]\d)?$/;

/** Whether a text is a day of the calendar in ISO 8601 (`2026-11-20`), alone or with a time (`2026-11-20T08:30:00Z`). */
export function isIsoDate(text: string, withTime: boolean): boolean {
  const [day, year, month, dayOfMonth] = dayPart.exec(text) ?? [];
  if (day === undefined || Number(dayOfMonth) < 1) return false;
  if (Number(dayOfMonth) > daysIn(Number(year), Number(month))) return false;
  if (text.length === day.length) return !withTime;
  const [time, hours, minutes, seconds = "0"] = timePart.exec(text.slice(day.length)) ?? [];
  return time !== undefined && Number(hours) < 24 && Number(minutes) < 60 && Number(seconds) < 61;
}

const lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** In the Gregorian calendar; none for a month that there is not. */
function daysIn(year: number, month: number): number {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && isLeap ? 29 : (lengths[month - 1] ?? 0);
}

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const yearFirst = /^(\d{4})[/.-](\d{1,2})[/.-](\d{1,2})(?![\d/.-])(?:\s+(?=\d))?/;
const dayFirst = /^(\d{1,2})(?:st|nd|rd|th)?\.?\s+([a-z]{3,9})\.?,?\s+(\d{4})$/i;
const monthFirst = /^([a-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})$/i;

/**
 * The date meant by a text: `2026/11/20`, `20 November 2026` and `Nov 20, 2026` become ISO 8601. A text that could be
 * two dates (`11/12/2026`) stays as it is, for the check.
 */
export function readIsoDate(raw: string): string {
  const text = raw
    .slice(0, 100)
    .trim()
    .replace(/^["'`]|["'`]$/g, "");
  const [head, year, month, day] = yearFirst.exec(text) ?? [];
  if (head !== undefined) {
    const rest = text.slice(head.length);
    return `${isoDay(year, month, day)}${rest === "" || /^t/i.test(rest) ? rest.toUpperCase() : `T${rest}`}`;
  }
  const [, firstDay, firstMonth, firstYear] = dayFirst.exec(text) ?? [];
  const [, secondMonth, secondDay, secondYear] = monthFirst.exec(text) ?? [];
  const word = firstMonth ?? secondMonth;
  const number = word === undefined ? 0 : months.indexOf(word.slice(0, 3).toLowerCase()) + 1;
  return number === 0 ? text : isoDay(firstYear ?? secondYear, String(number), firstDay ?? secondDay);
}

function isoDay(year = "", month = "", day = ""): string {
  return `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
}
