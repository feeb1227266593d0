import type { Token } from './scan.ts';
import { HIGHEST, LOWEST, NUMBER_WORDS, UNIT_WORDS } from './vocabulary.ts';

export type Aggregation = 'avg' | 'min' | 'max' | 'sum' | 'last' | 'p50' | 'p90' | 'p95' | 'p99';

/** The figure a clause asks for. */
export interface AskedFigures {
  /** null: it names none. */
  agg: Aggregation | null;
  /** Highest or lowest first, and how many. */
  rank: { order: 'desc' | 'asc'; count: number | null } | null;
  above: number | null;
  below: number | null;
  /** The unit after such a bound, as it was typed in lower case. */
  unit: string | null;
  /** Times a threshold must be crossed. */
  times: number | null;
}

const AGGREGATIONS: [RegExp, Aggregation][] = [
  [/\bp99\b|\b99(?:th|%)?[\s-]*percentile\b/i, 'p99'],
  [/\bp95\b|\b95(?:th|%)?[\s-]*percentile\b/i, 'p95'],
  [/\bp90\b|\b90(?:th|%)?[\s-]*percentile\b/i, 'p90'],
  [/\bp50\b|\bmedian\b|\b50(?:th|%)?[\s-]*percentile\b/i, 'p50'],
  [/\b(?:average|avg|mean|typical|typically|usual)\b/i, 'avg'],
  [/\b(?:max|maximum|maximal|peak|peaks|peaked)\b/i, 'max'],
  [/\b(?:min|minimum|minimal)\b/i, 'min'],
  [/\b(?:sum|sums)\b/i, 'sum'],
  [/\b(?:latest|newest|right now|current|currently|at the moment|now)\b/i, 'last'],
];

const ABOVE =
  /(?:above|over|exceed(?:s|ed|ing)?|(?:greater|more|higher|larger|bigger|longer) than|beyond|>=?|at least|crosse[sd])\s*(-?\d+(?:[.,]\d+)?)\s*(%|\p{L}+)?/iu;
const BELOW =
  /(?:below|under|(?:less|lower|smaller|fewer|shorter) than|<=?|at most)\s*(-?\d+(?:[.,]\d+)?)\s*(%|\p{L}+)?/iu;

export function figuresOf(question: string, tokens: Token[]): AskedFigures {
  const [, above, unitAbove] = ABOVE.exec(question) ?? [];
  const [, below, unitBelow] = BELOW.exec(question) ?? [];
  const unit = (unitAbove ?? unitBelow ?? '').toLowerCase();
  return {
    agg: AGGREGATIONS.find(([pattern]) => pattern.test(question))?.[1] ?? null,
    rank: rankOf(tokens),
    above: above === undefined ? null : Number(above.replace(',', '.')),
    below: below === undefined ? null : Number(below.replace(',', '.')),
    unit: UNIT_WORDS.has(unit) || unit === '%' ? unit : null,
    times: timesOf(question),
  };
}

function rankOf(tokens: Token[]): AskedFigures['rank'] {
  const at = tokens.findIndex(({ text }) => HIGHEST.test(text) || LOWEST.test(text));
  if (at < 0) return null;
  const word = (tokens[at] as Token).text;
  return { order: LOWEST.test(word) ? 'asc' : 'desc', count: countNear(tokens, at) };
}

/** "top 5", "five busiest", "the 3 most loaded", "which 3 hosts have the highest …". */
function countNear(tokens: Token[], at: number): number | null {
  const numberAt = (place: number) => {
    const text = tokens[place]?.text ?? '';
    return NUMBER_WORDS[text] ?? (/^\d{1,3}$/.test(text) ? Number(text) : null);
  };
  const typeAt = tokens.findIndex((token) => token.meaning?.kind === 'type');
  return numberAt(at + 1) ?? numberAt(at - 1) ?? (typeAt > 0 ? numberAt(typeAt - 1) : null);
}

function timesOf(question: string): number | null {
  const match = /(\d+|two|three|four|five|ten)\s*(?:times|x\b|samples|readings|events|in a row)/i.exec(
    question,
  )?.[1];
  if (!match) return null;
  return NUMBER_WORDS[match.toLowerCase()] ?? Number(match);
}
