import type { Show } from '../answer/describer.ts';
import type { Token } from './scan.ts';
import { NUMBER_WORDS, ROLES } from './vocabulary.ts';

export type Aggregation = 'avg' | 'min' | 'max' | 'sum' | 'last' | 'p50' | 'p90' | 'p95' | 'p99';

/** The figure a clause asks for. */
export interface AskedFigures {
  /** null: it names none. */
  agg: Aggregation | null;
  /** Highest or lowest first, and how many. */
  rank: { order: 'desc' | 'asc'; count: number | null } | null;
  /** "above 80", "at least 5": as the answer filters by them. */
  bounds: Pick<Show, 'above' | 'below' | 'inclusive'> | null;
  /** The unit after such a bound, as it was typed in lower case. */
  unit: string | null;
  /** Times a threshold must be crossed. */
  times: number | null;
  /** The newest or oldest of what happened, and how many; null: it names no number. */
  last: { order: 'desc' | 'asc'; count: number | null } | null;
}

const AGGREGATIONS: [RegExp, Aggregation][] = [
  [/\b(?:average|avg|mean|typical|typically|usual)\b/i, 'avg'],
  [/\bmedian\b/i, 'p50'],
  [
    /\b(?:max|maximum|maximal|peak|peaks|peaked)\b|\bat most\b(?!\s*\d)|\bhow (?!low)\w+ (?:did|has|have) .*\b(?:get|got|gone|go|rise|climb|reach)\b/i,
    'max',
  ],
  [/\b(?:min|minimum|minimal)\b|\bhow low (?:did|has|have)\b/i, 'min'],
  [/\b(?:sum|sums)\b/i, 'sum'],
  [/\b(?:latest|newest|right now|current|currently|at the moment|now)\b/i, 'last'],
];

const PERCENTILE = /\bp(50|90|95|99)\b|\b(50|90|95|99)(?:th|%)?[\s-]*percentile\b/i;

function aggregationOf(question: string): Aggregation | null {
  const [, short, long] = PERCENTILE.exec(question) ?? [];
  const percentile = short ?? long;
  if (percentile) return `p${percentile}` as Aggregation;
  return AGGREGATIONS.find(([pattern]) => pattern.test(question))?.[1] ?? null;
}

const NUMBER = String.raw`(-?\d+(?:[.,]\d+)?)\s*(%|\p{L}+)?`;
const LESS = 'less|lower|smaller|fewer|shorter|cheaper';
const MORE = 'more|greater|higher|larger|bigger|longer|slower|heavier|hotter';
/** How a question names bounds, and whether these count themselves. */
const BOUNDS: { side: 'above' | 'below'; inclusive: boolean; pattern: RegExp }[] = (
  [
    ['above', true, `(?:at least|>=)\\s*${NUMBER}`],
    ['below', true, `(?:at most|<=)\\s*${NUMBER}`],
    ['above', true, `${NUMBER}(?:\\s+\\p{L}+)?\\s+or (?:${MORE}|above|over)\\b`],
    ['below', true, `${NUMBER}(?:\\s+\\p{L}+)?\\s+or (?:${LESS}|below|under)\\b`],
    ['above', false, `(?:above|over|exceed(?:s|ed|ing)?|(?:${MORE}) than|beyond|>|crosse[sd])\\s*${NUMBER}`],
    ['below', false, `(?:below|under|(?:${LESS}) than|<)\\s*${NUMBER}`],
  ] as const
).map(([side, inclusive, pattern]) => ({ side, inclusive, pattern: new RegExp(pattern, 'iu') }));

export function figuresOf(question: string, tokens: Token[], units: ReadonlySet<string>): AskedFigures {
  const found = BOUNDS.flatMap(({ pattern, ...bound }) => {
    const match = pattern.exec(question);
    const [, number = '', unit = ''] = match ?? [];
    return match ? [{ ...bound, index: match.index, number: Number(number.replace(',', '.')), unit }] : [];
  }).sort((a, b) => b.index - a.index);
  const first = found.at(-1);
  // Of two bounds of a side the first one counts.
  const sides = Object.fromEntries(found.map(({ side, number }) => [side, number]));
  const unit = first?.unit.toLowerCase() ?? '';
  return {
    agg: aggregationOf(question),
    rank: rankOf(tokens),
    bounds: first ? { ...sides, ...(first.inclusive ? { inclusive: true } : {}) } : null,
    unit: units.has(unit) || unit === '%' ? unit : null,
    times: timesOf(question),
    last: lastOf(question),
  };
}

/** Numbers as digits alone: "1,000", "2k", "1.5 million" and "than two" are read as 1000, 2000, 1500000 and "than 2". */
export function plainNumbers(question: string): string {
  return question
    .replace(/(?<=\d),(?=\d{3}(?!\d))/g, '')
    .replace(
      /\b(than|at least|at most|over|above|under|below) (\w+)\b(?! (?:thousand|million))/gi,
      (text, bound, word) => (word in NUMBER_WORDS ? `${bound} ${NUMBER_WORDS[word]}` : text),
    )
    .replace(
      /(?<![\w.-])(?:(\d+(?:\.\d+)?)k|(an?|one|\d+(?:\.\d+)?) (thousand|million))\b/gi,
      (_, thousands, count, scale) =>
        String(
          thousands
            ? Number(thousands) * 1_000
            : (Number(count) || 1) * (/^t/i.test(scale) ? 1_000 : 1_000_000),
        ),
    );
}

function rankOf(tokens: Token[]): AskedFigures['rank'] {
  const at = tokens.findIndex((_, place) => rankAt(tokens, place) && tokens[place - 1]?.text !== 'at');
  if (at < 0) return null;
  const { text, meaning } = tokens[at] as Token;
  // The fastest has the most speed, and the least latency.
  const turned =
    /^(?:fast|slow)est$/.test(text) && meaning?.kind === 'metric' && SPEED.test(meaning.metrics[0] ?? '');
  return { order: (rankAt(tokens, at) === 'low') === turned ? 'desc' : 'asc', count: countNear(tokens, at) };
}

/** Which end of an order the word at a place asks for. "Which site has more hosts" asks for the one that has most. */
export function rankAt(tokens: Token[], at: number): 'high' | 'low' | undefined {
  const text = tokens[at]?.text ?? '';
  const compares = /^(?:type|metric|field)$/.test(tokens[at + 1]?.meaning?.kind ?? '');
  if (compares && COMPARATIVE.test(text) && !tokens.some((token) => /^(?:than|or)$/.test(token.text)))
    return /^(?:more|higher|larger|bigger)$/.test(text) ? 'high' : 'low';
  return ROLES.get(text)?.find((role) => role === 'high' || role === 'low') as 'high' | 'low' | undefined;
}

const COMPARATIVE = /^(?:more|higher|larger|bigger|less|fewer|lower|smaller)$/;
const SPEED = /speed|velocity/i;

/** "top 5", "five busiest", "the 3 most loaded", "which 3 hosts have the highest …". */
function countNear(tokens: Token[], at: number): number | null {
  const numberAt = (place: number) => {
    const text = tokens[place]?.text ?? '';
    return NUMBER_WORDS[text] ?? (/^\d{1,3}$/.test(text) ? Number(text) : null);
  };
  const typeAt = tokens.findIndex((token) => token.meaning?.kind === 'type');
  return numberAt(at + 1) ?? numberAt(at - 1) ?? (typeAt > 0 ? numberAt(typeAt - 1) : null);
}

/** "the last incident" is one, "the last incidents" are a few, "newest first" is an order alone. */
function lastOf(question: string): AskedFigures['last'] {
  const ordered = /\b(newest|latest|oldest|earliest) first\b/i.exec(question)?.[1];
  const [, word = '', next = ''] =
    /\b(last|latest|most recent|recent|recently|newest|previous|first|oldest|earliest)\b(?:\s+([a-z\d]+))?/i.exec(
      question,
    ) ?? [];
  if (!word) return null;
  const order = /^(?:first|old|earl)/i.test(ordered ?? word) ? 'asc' : 'desc';
  const several = ordered !== undefined || /^recent/i.test(word) || /[^s]s$/i.test(next);
  const number = NUMBER_WORDS[next.toLowerCase()] ?? (/^\d+$/.test(next) ? Number(next) : null);
  return { order, count: number ?? (several ? null : 1) };
}

function timesOf(question: string): number | null {
  const [, count] = /(\d+|[a-z]+)\s*(?:times|x\b|samples|readings|events|in a row)/i.exec(question) ?? [];
  const number = NUMBER_WORDS[count?.toLowerCase() ?? ''] ?? Number(count);
  return Number.isNaN(number) ? null : number;
}
