import { nearestOf } from '../../model/nearest.ts';
import type { Clause } from '../clause.ts';
import { nameWords } from '../lexicon.ts';
import { asks } from '../roles.ts';
import type { Builder, Plan } from './goal.ts';

const LISTED = 20;
/** As many as are looked through. */
const MENTIONED = 1000;
/** Unknown names of a question that are searched for. */
const SEARCHED = 5;
const SEARCHES =
  /^(?:please )?(?:search|find|look)\b|\b(?:search(?:ing)? for|looking for|mention(?:s|ed|ing)?|anything (?:about|on|like|related to|to do with)|called|contain\w*|keyword)\b/i;
/** Words that who did something follows. */
const DOES = /^(?:did|has|by|mentions?|mentioning)$/;
const WANTS_A_NAME = /\b(?:about|happen\w* (?:to|with|on)|status of|state of|belongs?|used by)\b/i;

/** Words that nothing is known by and that may stand in the texts of events: "who deployed storefront 9.5.0", "what did mira deploy". */
export function mentioned({ tokens, unknown_names, unknown_words }: Clause): string[] {
  const isDoer = (word: string) =>
    tokens.some(({ text }, at) => text === word.toLowerCase() && DOES.test(tokens[at - 1]?.text ?? ''));
  return [...unknown_names, ...unknown_words.filter(isDoer)];
}

/** Looks for words that nothing is known by where that may be meant; else says why not. Null: there are none, or they are looked for in events. */
export function unknownGoal(clause: Clause, builder: Builder): Plan | string | null {
  const { unknown_names, unknown_words, text } = clause;
  const unknown = [...unknown_names, ...unknown_words];
  const told = mentioned(clause);
  const keywords = unknown_words.filter((word) => !/^mention/.test(word));
  const isOfEvents = told.length > unknown_names.length || asks(clause, 'event', 'happened', 'severity');
  // Of questions about one thing, a word that nothing is known by is its name.
  const relates = asks(clause, 'owns', 'relation', 'dependents', 'dependencies', 'way', 'impact');
  const isAboutOne = clause.items.length === 0 && (relates || WANTS_A_NAME.test(text));
  if (unknown.length === 0) return null;
  if (SEARCHES.test(text) && keywords.length > 0) lookFor(keywords, clause, builder);
  else if (isOfEvents && told.length === unknown.length && !asks(clause, 'before', 'after', 'metric'))
    return null;
  else if (unknown_words.length > 0 && !isAboutOne) return nothingKnown(unknown, builder);
  else {
    const codes = builder.lexicon.catalog.items.map(({ code }) => code);
    for (const name of unknown.slice(0, SEARCHED)) {
      lookFor([name], clause, builder);
      const near = nearestOf(name, codes);
      const nearest = near ? `; the nearest name is ${near}` : '';
      builder.notes.push(`Nothing named "${name}" is known here${nearest}.`);
    }
  }
  return builder;
}

/** Looks for words in items, and in the texts of events where no type or value says what is meant. */
function lookFor(words: string[], { filters }: Clause, { add }: Builder): void {
  const text = words.join(' ');
  add('search', 'ci.search', { query: text, ...filters, limit: LISTED }, `items that match "${text}"`);
  const events = { text, range: 'all', limit: MENTIONED };
  if (Object.keys(filters).length === 0)
    add('mentions', 'history.event_log', events, `events that mention "${text}"`, { show: { texts: words } });
}

/** What is not known, with the names of items that hold such a word. */
function nothingKnown(words: string[], { lexicon }: Builder): string {
  const holds = (name: string) => words.some((word) => nameWords(name).includes(word.toLowerCase()));
  const codes = lexicon.catalog.items
    .filter(({ code, name }) => holds(`${code} ${name}`))
    .map(({ code }) => code);
  const alone = codes.length > 0 ? ` alone, but ${codes.slice(0, 3).join(', ')}` : '';
  return `nothing here is known as ${words.map((word) => `"${word}"`).join(', ')}${alone}`;
}
