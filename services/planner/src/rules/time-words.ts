import { en, type ParsedResult } from 'chrono-node';
import { NUMBER_WORDS } from './vocabulary.ts';

export type TimeRange = string | { from: string; to?: string };

export interface FoundTime {
  range: TimeRange;
  /** The question without the words that told the time. */
  rest: string;
}

const UNIT: Record<string, [letter: 'm' | 'h' | 'd', factor: number]> = {
  m: ['m', 1],
  min: ['m', 1],
  minute: ['m', 1],
  h: ['h', 1],
  hr: ['h', 1],
  hour: ['h', 1],
  d: ['d', 1],
  day: ['d', 1],
  w: ['d', 7],
  week: ['d', 7],
  month: ['d', 30],
};

const NUMBERS: Record<string, number> = { ...NUMBER_WORDS, 'twenty-four': 24, few: 3, 'couple of': 2 };

const LAST =
  /\b(?:in|over|during|for|within|of|from|across|throughout)?\s*(?:the\s+)?(?:last|past|previous|recent)\s+(?:(\d+|one|two|three|four|five|six|seven|ten|twelve|twenty-four|few|couple of)\s*-?\s*)?(minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|w|months?)\b/i;

/** What makes a time of chrono's a date: years, weekdays, months with a day, and "… ago". */
const IS_DATE =
  /\d{4}-\d|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+\d|\d\s*(?:st|nd|rd|th)?\s+(?:of\s+)?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|\bago\b/i;
const MONTH =
  /^(?:january|february|march|april|june|july|august|september|october|november|december)(?: \d{4})?$/i;

/** A time of day, which belongs to a day that is named beside it: "at 10:00 yesterday". */
const CLOCK = /\b\d{1,2}:\d{2}\b|\b\d{1,2}\s?[ap]m\b|\bo['’]clock\b/i;

/** Counted back from now, as people mean it on any day of it. */
const THIS: Record<string, string> = { hour: 'last_1h', week: 'last_7d', month: 'last_30d' };

/** The time a question speaks of. `now` is the newest data where that lies back: relative words count from it. */
export function findTime(question: string, now: Date): FoundTime | null {
  const text = withMonth(question, now);
  return (
    lastSpan(text) ??
    (CLOCK.test(text) ? dates(text, now) : null) ??
    namedDay(text, now) ??
    everything(text) ??
    dates(text, now)
  );
}

/** "on the 26th": the last such day. */
function withMonth(question: string, now: Date): string {
  return question.replace(/\bthe (\d{1,2})(?:st|nd|rd|th)\b(?! (?:of|percentile)\b)/i, (text, day) => {
    const date = new Date(
      Date.UTC(
        now.getUTCFullYear(),
        now.getUTCMonth() - (Number(day) > now.getUTCDate() ? 1 : 0),
        Number(day),
      ),
    );
    return date.getUTCDate() === Number(day) ? date.toISOString().slice(0, 10) : text;
  });
}

function lastSpan(question: string): FoundTime | null {
  const match = LAST.exec(question);
  if (!match) return null;
  const [text, count, unitText = ''] = match;
  const unit = UNIT[unitText.toLowerCase().replace(/s$/, '')];
  if (!unit) return null;
  const amount = (count ? (NUMBERS[count.toLowerCase()] ?? Number(count)) : 1) * unit[1];
  // A day and a week are told in hours and days: they are spans here, not calendar days.
  const [number, letter] = unit[0] === 'd' && amount === 1 ? [24, 'h'] : [amount, unit[0]];
  return { range: `last_${number}${letter}`, rest: question.replace(text, ' ') };
}

function namedDay(question: string, now: Date): FoundTime | null {
  const span =
    /\b(?:(?:during |in |over )?this|(?:over|during|throughout|across) the(?: whole| entire)?) (hour|week|month)\b/i.exec(
      question,
    );
  const length = span?.[1] ? THIS[span[1].toLowerCase()] : undefined;
  if (span && length) return { range: length, rest: question.replace(span[0], ' ') };
  const match = /\b(?:(since|before|until)\s+)?(yesterday|today)\b(?:'s)?/i.exec(question);
  if (!match?.[2]) return null;
  const rest = question.replace(match[0], ' ');
  const [side, day] = [match[1]?.toLowerCase(), match[2].toLowerCase()];
  if (!side || (day === 'today' && side !== 'before')) return { range: day, rest };
  const start = new Date(now.getTime() - (day === 'today' ? 0 : 86_400_000));
  start.setUTCHours(0, 0, 0, 0);
  const from = start.toISOString();
  const end = side === 'before' ? start : new Date(start.getTime() + 86_400_000 - 1);
  return { range: side === 'since' ? { from } : { from: BEGIN, to: end.toISOString() }, rest };
}

function everything(question: string): FoundTime | null {
  const match = /\b(?:of\s+|over\s+)?all time\b|\bever\b/i.exec(question);
  return match ? { range: 'all', rest: question.replace(match[0], ' ') } : null;
}

/** Dates and weekdays by chrono; bare words such as "may" or "now" are left alone. */
function dates(question: string, now: Date): FoundTime | null {
  // Chrono reads "from … to …" as a span, and "between … and …" as two dates.
  const spanned = question.replace(/\bbetween\b(.+?)\band\b/i, 'from$1to');
  const span = spanned === question ? undefined : dateIn(spanned, now);
  return span?.end ? foundTime(spanned, span, now) : foundTime(question, dateIn(question, now), now);
}

function dateIn(question: string, now: Date): ParsedResult | undefined {
  const found = en.parse(question, { instant: now, timezone: 0 }, { forwardDate: false });
  return found.find(({ text }) => IS_DATE.test(text) || CLOCK.test(text) || MONTH.test(text));
}

function foundTime(question: string, result: ParsedResult | undefined, now: Date): FoundTime | null {
  if (!result) return null;
  const from = result.start.date();
  const wholeDay = !result.start.isCertain('hour');
  if (wholeDay) from.setUTCHours(0, 0, 0, 0);
  const isMonth = MONTH.test(result.text);
  const [lead = '', side = ''] = BESIDE.exec(question.slice(0, result.index)) ?? [];
  const end = result.end?.date();
  if (end && !result.end?.isCertain('hour')) end.setUTCHours(23, 59, 59, 999);
  // What is recorded lies in the past: of weekdays and days of any year the last one is meant, not the nearest.
  if (from > now && !/^next\b/i.test(result.text))
    for (const date of [from, end]) {
      if (isMonth) date?.setUTCFullYear(date.getUTCFullYear() - 1);
      else if (!result.start.isCertain('day'))
        date?.setUTCDate(date.getUTCDate() - (result.start.isCertain('weekday') ? 7 : 1));
      else if (!result.start.isCertain('year')) date?.setUTCFullYear(date.getUTCFullYear() - 1);
    }
  const rest = `${question.slice(0, result.index - lead.length)} ${question.slice(result.index + result.text.length)}`;
  const length = isMonth
    ? Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + 1) - from.getTime()
    : wholeDay
      ? 86_400_000
      : 3_600_000;
  const last = end ?? new Date(from.getTime() + length - (wholeDay ? 1 : 0));
  if (/^(?:before|until|till)$/i.test(side))
    return { range: { from: BEGIN, to: (/^b/i.test(side) ? from : last).toISOString() }, rest };
  if (/^(?:around|about)$/i.test(side) && !wholeDay) {
    const [half, middle] = [1_800_000, from.getTime()];
    return {
      range: { from: new Date(middle - half).toISOString(), to: new Date(middle + half).toISOString() },
      rest,
    };
  }
  const isSince = /^(?:since|from|after)$/i.test(side) || /\bago$/i.test(result.text);
  const to = isSince && !end ? now : last;
  if (from >= to) return null;
  return { range: { from: from.toISOString(), to: to.toISOString() }, rest };
}

/** Words that make a moment the begin or the end of a span. */
const BESIDE = /\b(?:(since|from|after|before|until|till|around|about)|at|on|during)\s+$/i;
const BEGIN = new Date(0).toISOString();

const SPAN_BESIDE =
  /(?<![\d.,])(?:(\d+(?:\.\d+)?|[a-z]+(?:-four)?)\s+)?(minute|min|hour|hr|h|day|d|week)s?\s+(?:before|prior|preceding|ahead|leading|after|following)\b/i;

/** "in the two hours before …": minutes beside a moment; null where none are told. */
export function minutesBeside(text: string): number | null {
  const [, count = '', unit] = SPAN_BESIDE.exec(text) ?? [];
  const [letter, factor] = UNIT[unit?.toLowerCase() ?? ''] ?? [];
  if (!letter || !factor) return null;
  const number = NUMBERS[count.toLowerCase()] ?? (/^\d/.test(count) ? Number(count) : 1);
  return Math.max(1, Math.round(number * factor * { m: 1, h: 60, d: 1440 }[letter]));
}
