import type { Show } from '../answer/describer.ts';
import type { Token } from './scan.ts';
import { AGGREGATIONS, numberOf, ROLES } from './vocabulary.ts';

/** The figure a clause asks for. */
export type AskedFigures = ReturnType<typeof figuresOf>;
/** What comes first, and how many; null: it names no number. */
type Ordered = { order: 'desc' | 'asc'; count: number | null } | null;

export function figuresOf(tokens: Token[], units: ReadonlySet<string>) {
  const words = tokens.flatMap(({ text }) => text.split(' '));
  const named = Object.entries(AGGREGATIONS).filter(([, text]) =>
    text.split(' ').some((word) => words.includes(word)),
  );
  const aggs = named.map(([agg]) => agg);
  const ends = tokens.flatMap((_, at) => (ranks(tokens, at, false) ? [at] : []));
  const opposite = ends.find((at) => rankAt(tokens, at) !== rankAt(tokens, ends[0] as number));
  const joined = tokens.slice(ends[0], opposite).some(({ text }) => /^(?:and|or|vs|versus)$/.test(text));
  const bounds = tokens.flatMap(({ meaning }) => (meaning?.kind === 'bound' ? [meaning] : []));
  const [first] = bounds;
  const next = tokens[tokens.findIndex(({ meaning }) => meaning === first) + 1]?.text ?? '';
  // Of two bounds of a side the first one counts.
  const sides = bounds.toReversed().map(({ side, number }) => [side, number]);
  const within: Pick<Show, 'above' | 'below' | 'inclusive'> = Object.fromEntries(sides);
  if (first?.inclusive) within.inclusive = true;
  return {
    /** As the tools take them, each of which is asked for. */
    aggs,
    /** The highest or the lowest. */
    rank: rankOf(tokens, aggs.filter((agg) => agg !== 'last').length < 2),
    /** Beside it the other end of the order: "the highest and the lowest", or unclear what of it. */
    other_end: opposite === undefined ? null : joined ? 'too' : 'unclear',
    /** "above 80", "at least 5": as the answer filters by them. */
    bounds: first ? within : null,
    /** The unit after such a bound, as it was typed in lower case. */
    unit: first?.unit || (first && units.has(next) ? next : null),
    /** The newest or oldest of what happened. */
    last: lastOf(tokens),
  };
}

/** Whether a word orders; that of a figure ("maximum") and "top" also may, where no other does. */
function ranks(tokens: Token[], at: number, also: boolean): boolean {
  const text = tokens[at]?.text ?? '';
  const isWeak = text === 'top' || ROLES.get(text)?.includes('figure');
  return rankAt(tokens, at) !== undefined && (also || !isWeak);
}

function rankOf(tokens: Token[], alsoFigures: boolean): Ordered {
  const strong = tokens.findIndex((_, place) => ranks(tokens, place, false));
  const isTop = ({ text }: Token) => text === 'top';
  const weak = tokens.findIndex((token, place) => ranks(tokens, place, alsoFigures || isTop(token)));
  const at = strong < 0 ? weak : strong;
  if (at < 0) return null;
  const { text, meaning } = tokens[at] as Token;
  // The fastest has the most speed, and the least latency.
  const isSpeed = meaning?.kind === 'metric' && /speed|velocity/i.test(meaning.metrics[0] ?? '');
  const turned = isSpeed && /^(?:fast|slow)est$/.test(text);
  const typeAt = tokens.findIndex((token) => token.meaning?.kind === 'type');
  // "top 5", "five busiest", "the 3 most loaded", "which 3 hosts have the highest …"
  const counts = [at + 1, at - 1, typeAt - 1].map((place) => numberOf(tokens[place]?.text));
  const count = counts.find((number) => number !== null) ?? null;
  return { order: (rankAt(tokens, at) === 'low') === turned ? 'desc' : 'asc', count };
}

const LINKS = /^(?:that|which|with|has|had|have|having|is|was|the)$/;

/** Where a clause speaks of the first of a ranking: "busiest host", "most loaded database", "host that had the highest average cpu". */
export function firstOf(tokens: Token[]): { from: number; to: number; type: Token } | null {
  const rank = tokens.findIndex((_, at) => rankAt(tokens, at));
  const metric = tokens.findIndex(({ meaning }, at) => at >= rank && meaning?.kind === 'metric');
  const only = (from: number, to: number, words: RegExp) =>
    tokens.slice(from, to).every(({ text }) => words.test(text));
  if (rank < 0 || metric < 0 || !only(rank + 1, metric, /^(?:average|mean|avg)$/)) return null;
  const isType = (at: number) => tokens[at]?.meaning?.kind === 'type';
  const before = tokens.findLastIndex((_, at) => at < rank && isType(at));
  const [from, to, at] = isType(metric + 1) ? [rank, metric + 1, metric + 1] : [before, metric, before];
  const isOne = at > metric || (before >= 0 && before < rank - 1 && only(before + 1, rank, LINKS));
  return isOne ? { from, to, type: tokens[at] as Token } : null;
}

const COMPARATIVE = /^(?:(more|higher|larger|bigger)|less|fewer|lower|smaller)$/;

/** Which end of an order the word at a place asks for. "Which site has more hosts" asks for the one that has most. */
export function rankAt(tokens: Token[], at: number): 'high' | 'low' | undefined {
  const text = tokens[at]?.text ?? '';
  const comparative = COMPARATIVE.exec(text);
  const compared = /^(?:type|metric|field)$/.test(tokens[at + 1]?.meaning?.kind ?? '');
  if (comparative && compared && !tokens.some((token) => /^(?:than|or)$/.test(token.text)))
    return comparative[1] ? 'high' : 'low';
  return ROLES.get(text)?.find((role) => role === 'high' || role === 'low') as 'high' | 'low' | undefined;
}

/** "the last incident" is one, "the last incidents" are a few, "newest first" is an order alone. */
function lastOf(tokens: Token[]): Ordered {
  const roles = tokens.map(({ text }) => ROLES.get(text) ?? []);
  const at = roles.findIndex((each) => each.includes('last') || each.includes('first'));
  if (at < 0) return null;
  const next = tokens[at + 1]?.text ?? '';
  const several = next === 'first' || tokens[at]?.text.startsWith('recent') || /[^s]s$/.test(next);
  const order = roles[at]?.includes('first') ? 'asc' : 'desc';
  return { order, count: numberOf(next) ?? (several ? null : 1) };
}
