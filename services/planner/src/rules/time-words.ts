import { type ParsedResult, parse } from 'chrono-node/en';
import { NUMBER, numberOf } from './words.ts';

export interface FoundTime {
  range: string | { from: string; to: string };
  /** The words that told it. */
  text: string;
  /** The question without the words that told the time. */
  rest: string;
}

const DAY_MS = 86_400_000;
const MINUTES: Record<string, number> = { m: 1, h: 60, d: 1440, w: 10_080, mo: 43_200 };
const NUMBERS: Record<string, number> = { a: 1, an: 1, few: 3, 'couple of': 2, 'twenty-four': 24 };
const DURATION = String.raw`(?:(${NUMBER}|${Object.keys(NUMBERS).join('|')})[\s-]*)?(?<![a-z])(m|min|minute|h|hr|hour|d|day|w|week|month)(s?)\b`;
const LAST = String.raw`\b(?:(?:in|over|during|for|within|of|from|across|throughout)?\s*(?:the\s+)?(?:last|past|previous|recent|this)|(?:over|during|throughout|across) the(?: whole| entire)?)\s+`;

const MONTHS = 'jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec';
const MONTH = new RegExp(`^(?:${MONTHS})[a-z]*(?: \\d{4})?$`, 'i');
/** What makes a time of chrono's a date; bare words such as "may" or "now" are left alone. */
const IS_DATE = new RegExp(
  String.raw`\d{4}-\d|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\b(?:${MONTHS})[a-z]*\.?\s+\d|\d\s*(?:st|nd|rd|th)?\s+(?:of\s+)?(?:${MONTHS})|\bago\b|\b(?:yesterday|today)\b|^(?:january|february|march|april|june|july|august|september|october|november|december)(?: \d{4})?$|\b\d{1,2}:\d{2}\b|\b\d{1,2}\s?[ap]m\b|\bo['’]clock\b`,
  'i',
);
/** Words that make a moment the begin or the end of a span. */
const BESIDE = /\b(?:(since|from|after|before|until|till|around|about)|at|on|during)\s+$/i;

/** The time a question speaks of. `now` is the newest data where that lies back: relative words count from it. */
export function findTime(question: string, now: Date): FoundTime | null {
  const last = durationIn(question, LAST);
  if (last)
    return { range: rangeName(last.minutes), text: last.text.trim(), rest: question.replace(last.text, ' ') };
  const ever = /\b(?:of\s+|over\s+)?all time\b|\bever\b/i.exec(question)?.[0];
  if (ever) return { range: 'all', text: ever.trim(), rest: question.replace(ever, ' ') };
  // Chrono reads "from … to …" as a span, and "between … and …" as two dates.
  const spanned = question.replace(/\bbetween\b(.+?)\band\b/i, 'from$1to');
  const span = dateIn(spanned, now);
  return span?.end ? foundTime(spanned, span, now) : foundTime(question, dateIn(question, now), now);
}

/** "2 hours", "an hour", "24h" between what must stand before and after it; `vague` where it says not how many. */
function durationIn(question: string, before: string, after = '') {
  const match = new RegExp(`${before}${DURATION}${after}`, 'i').exec(question);
  if (!match) return null;
  const [text, count, unit = '', plural] = match;
  const number =
    count === undefined ? (plural ? 3 : 1) : (NUMBERS[count.toLowerCase()] ?? numberOf(count) ?? 1);
  const length = MINUTES[/^mo/i.test(unit) ? 'mo' : (unit[0] ?? '').toLowerCase()] ?? 1;
  return {
    minutes: Math.max(1, Math.round(number * length)),
    vague: count === undefined && plural !== '',
    text,
  };
}

/** A day is told in hours: it is a span here, no calendar day. */
function rangeName(minutes: number): string {
  if (minutes % 1440 === 0 && minutes > 1440) return `last_${minutes / 1440}d`;
  return minutes % 60 === 0 ? `last_${minutes / 60}h` : `last_${minutes}m`;
}

/** "in the two hours before …": minutes beside a moment; null where none are told. */
export function minutesBeside(question: string): number | null {
  const after = String.raw`\s+(?:before|prior|preceding|ahead|leading|after|following)\b`;
  const found = durationIn(question, String.raw`(?<![\d.,])`, after);
  return found && !found.vague ? found.minutes : null;
}

/** The first date or time of day. */
function dateIn(question: string, now: Date): ParsedResult | undefined {
  // "host-08 today" names no hour.
  const nameless = question.replace(/\p{L}+[-_.]?\d[\w-]*/gu, (name) => '_'.repeat(name.length));
  return parse(nameless, { instant: now, timezone: 0 }).find(({ text }) => IS_DATE.test(text));
}

function foundTime(question: string, result: ParsedResult | undefined, now: Date): FoundTime | null {
  if (!result) return null;
  const { start, text, index } = result;
  const [from, end] = [start.date(), result.end?.date()];
  const wholeDay = !start.isCertain('hour');
  const isMonth = MONTH.test(text);
  if (wholeDay) from.setUTCHours(0, 0, 0, 0);
  if (end && !result.end?.isCertain('hour')) end.setUTCHours(23, 59, 59, 999);
  // What is recorded lies in the past: of weekdays and days of any year the last one is meant, not the nearest.
  if (from > now && !/^next\b/i.test(text))
    for (const date of [from, end]) {
      const days = start.isCertain('day') || isMonth ? 0 : start.isCertain('weekday') ? 7 : 1;
      if (days > 0) date?.setUTCDate(date.getUTCDate() - days);
      else if (!start.isCertain('year')) date?.setUTCFullYear(date.getUTCFullYear() - 1);
    }
  const nextMonth = Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + 1);
  const length = isMonth ? nextMonth - from.getTime() : wholeDay ? DAY_MS : 3_600_000;
  const last = end ?? new Date(from.getTime() + length - (wholeDay ? 1 : 0));
  const [lead = '', side = ''] = BESIDE.exec(question.slice(0, index)) ?? [];
  const rest = `${question.slice(0, index - lead.length)} ${question.slice(index + text.length)}`;
  const between = (a: Date, b: Date) => ({
    range: { from: a.toISOString(), to: b.toISOString() },
    text: `${lead}${text}`,
    rest,
  });
  if (/^(?:before|until|till)$/i.test(side)) return between(new Date(0), /^b/i.test(side) ? from : last);
  if (/^a(?:round|bout)$/i.test(side) && !wholeDay)
    return between(new Date(from.getTime() - 1_800_000), new Date(from.getTime() + 1_800_000));
  const isSince = /^(?:since|from|after)$/i.test(side);
  const to = isSince && !end ? now : last;
  return from < to ? between(from, to) : null;
}
