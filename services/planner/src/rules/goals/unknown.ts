import type { Clause } from '../clause.ts';
import { nameWords } from '../lexicon.ts';
import { asks } from '../roles.ts';
import { eventArgs } from './events.ts';
import type { Builder } from './goal.ts';
import { scopesOf } from './scope.ts';

const LISTED = 100;
const MENTIONED = 1000;
/** Unknown names of a question that are searched for. */
const SEARCHED = 5;
const SEARCHES =
  /^(?:please )?(?:search|find|look)\b|\b(?:search(?:ing)? for|looking for|mention(?:s|ed|ing)?|anything (?:about|on|like|related to|to do with)|called|contain\w*|keyword)\b/i;
/** Words that who did something follows. */
const DOES = /^(?:did|has|by|mentions?|mentioning)$/;

/** What is done about words that nothing is known by: they are looked for where that may be meant; else why not. Null: there are none, or other goals may read them. */
export function unknownGoal(clause: Clause, builder: Builder): 'planned' | string | null {
  const { unknown_names: names, unknown_words: words, tokens, text } = clause;
  const unknown = [...names, ...words];
  if (unknown.length === 0) return null;
  const keywords = words.filter((word) => !/^mention/.test(word));
  if (SEARCHES.test(text) && keywords.length > 0) {
    const query = keywords.join(' ');
    builder.add(
      'search',
      'ci.search',
      { query, ...clause.filters, limit: LISTED },
      `items that match "${query}"`,
    );
    if (Object.keys(clause.filters).length === 0) addMentions(query, keywords, builder);
    return 'planned';
  }
  // "who deployed storefront 9.5.0", "what did mira deploy": what nothing is known by may stand in the texts of events.
  const doers = words.filter((word) =>
    tokens.some((token, at) => token.text === word.toLowerCase() && DOES.test(tokens[at - 1]?.text ?? '')),
  );
  const isBeside = asks(clause, 'before', 'after');
  const told = [...names, ...doers];
  if (told.length === unknown.length && !asks(clause, 'metric')) {
    if (isBeside && names.length === 1) return null;
    if (!isBeside && (asks(clause, 'event', 'happened', 'severity') || doers.length > 0)) {
      const [scope] = scopesOf(clause, builder);
      const kind = clause.events.flat().join(' or ');
      builder.add(
        'events',
        'history.event_log',
        { ...scope?.args, ...eventArgs(clause), text: told.join(' '), limit: MENTIONED },
        `${kind} events${clause.items.length > 0 ? ` of ${scope?.of}` : ''} that mention ${quoted(told).join(' and ')}`.trim(),
        { show: { texts: told } },
      );
      return 'planned';
    }
  }
  // Of questions about one thing, a word that nothing is known by is its name.
  const aboutOne =
    clause.items.length === 0 &&
    (asks(clause, 'owns', 'relation', 'dependents', 'dependencies', 'way', 'impact') ||
      WANTS_A_NAME.test(text));
  if (words.length > 0 && !aboutOne) return nothingKnown(unknown, builder);
  for (const name of unknown.slice(0, SEARCHED)) {
    builder.add('search', 'ci.search', { query: name, limit: 5 }, `what a search for "${name}" finds`);
    addMentions(name, [name], builder);
    builder.note(`Nothing named "${name}" is known here.`);
  }
  return 'planned';
}

const WANTS_A_NAME = /\b(?:about|happen\w* (?:to|with|on)|status of|state of|belongs?|used by)\b/i;

function addMentions(text: string, texts: string[], { add }: Builder): void {
  add(
    'mentions',
    'history.event_log',
    { text, range: 'all', limit: MENTIONED },
    `events that mention "${text}"`,
    {
      show: { texts },
    },
  );
}

/** What is not known, with the names of items that hold such a word. */
function nothingKnown(words: string[], { lexicon }: Builder): string {
  const holding = lexicon.catalog.items.filter(({ code, name }) =>
    words.some((word) => nameWords(`${code} ${name}`).includes(word.toLowerCase())),
  );
  const codes = holding.slice(0, 3).map(({ code }) => code);
  return `nothing here is known as ${quoted(words).join(', ')}${codes.length > 0 ? ` alone, but ${codes.join(', ')}` : ''}`;
}

function quoted(words: string[]): string[] {
  return words.map((word) => `"${word}"`);
}
