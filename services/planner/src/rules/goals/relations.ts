import { type Clause, says } from '../clause.ts';
import type { Direction, Kind } from '../meaning.ts';
import { dependenciesOf } from '../relations.ts';
import { type Builder, type Goal, type Scope, TOLD } from './goal.ts';

const DEEP = 5;

/** Two items and a word for a way between them. */
export const pathGoal: Goal = (clause, { add }) => {
  const [from, to, other] = clause.items.map(({ code }) => code);
  const leads = says(clause, 'path', 'connected') || /\bfrom\b.*\bto\b/i.test(clause.text);
  if (!from || !to || other || !leads) return null;
  add('path', 'graph.path', { from, to }, `the shortest path between ${from} and ${to}`);
  return ['item', 'path', 'connected'];
};

/** What is related to an item, of which no figures and no events are asked. */
export const relationGoal: Goal = (clause, builder) => {
  const scope = relatedScope(clause, builder);
  // "who owns what depends on orders-db": what is told of every item
  const isTold = says(clause, 'relation') && clause.fields.every((field) => TOLD.includes(field));
  const told: Kind[] = isTold ? ['field', 'owns'] : [];
  return scope && [...scope.uses, 'count', 'who', ...told];
};

/** What is related to an item that a clause speaks of; null when it asks for no relation. */
export function relatedScope(clause: Clause, { add, before, lexicon }: Builder): Scope | null {
  const { words, types, items, refers, text } = clause;
  const code = (items[0] ?? (refers ? before?.clause.items[0] : undefined))?.code;
  const places = words.flatMap(({ meaning }, at) => (/^(?:item|it)$/.test(meaning.kind) ? [at] : []));
  const verb = words.findIndex(({ meaning }) => meaning.kind === 'relation');
  // "does checkout depend on stock-db" wants a yes or a no.
  const isWhether = /^(?:do|does|did|is|are)\b/i.test(text) && items.length === 2 && (places[1] ?? 0) > verb;
  const whether = isWhether && (places[0] ?? verb) < verb ? items[1]?.code : undefined;
  const at = items.length > 1 ? places[0] : places.at(-1);
  if (!code || at === undefined || items.length > (whether ? 2 : 1)) return null;
  const carrying = dependenciesOf(lexicon.catalog.relation_types);
  const asked = relationOf(clause, at, code, carrying);
  if (!asked || (whether && asked.direction === 'both')) return null;
  const { direction, depth, relations, told } = asked;
  const among = types.length > 0 ? `${types.join(' and ')} items among ` : '';
  // What runs on a host depends on it, too.
  const isCarried = depth > 1 && (direction === 'in' || whether || types.length > 0);
  const walk = { ci_id: code, direction, ...(types.length > 0 ? { node_types: types } : {}), depth };
  const named = relations
    ? { relation_types: [...new Set([...relations, ...(isCarried ? carrying : [])])] }
    : {};
  const show = whether ? { show: { whether } } : {};
  const $from = add('related', 'graph.expand', { ...walk, ...named }, `${among}what ${told}`, show);
  const uses: Kind[] = ['item', 'it', 'they', 'type', ...asked.uses];
  return { args: { ci_ids: { $from, path: 'nodes[].id' } }, of: `${among}what ${told}`, uses };
}

/** How a clause asks for what an item is related to. */
interface Asked {
  direction: Direction;
  /** null: any relation. */
  relations: string[] | null;
  depth: number;
  told: string;
  uses: Kind[];
}

/** The relation a clause asks for, read against the item at a place in it; null when it asks for none. `carrying`: along which what happens to an item affects others. */
function relationOf(clause: Clause, itemAt: number, code: string, carrying: string[]): Asked | null {
  const { words, items, types, text } = clause;
  const near = { relations: null, depth: 1, direction: 'both', told: `is related to ${code}` } as const;
  const isImpact = says(clause, 'affected') || (says(clause, 'suppose') && says(clause, 'fails'));
  if (isImpact) {
    // "what would happen if it fails"
    const happens: Kind[] = says(clause, 'fails') ? ['happened'] : [];
    const uses: Kind[] = ['affected', 'suppose', 'fails', ...happens];
    if (carrying.length === 0) return { ...near, uses };
    return { relations: carrying, direction: 'in', depth: DEEP, told: `would be affected by ${code}`, uses };
  }
  const [verb, other] = words.filter(({ meaning }) => meaning.kind === 'relation');
  if (verb?.meaning.kind !== 'relation') {
    // "databases of checkout", "checkout's hosts"
    const isOther = items.length === 1 && types.length > 0 && !types.includes(items[0]?.type ?? '');
    return isOther || says(clause, 'connected') ? { ...near, uses: ['connected'] } : null;
  }
  // "what runs on the hosts that checkout runs on"
  if (other) return null;
  const at = words.indexOf(verb);
  const { relations, deep, end, direction: told } = verb.meaning;
  if (relations === null) return { ...near, uses: ['relation'] };
  const isVerb = end !== undefined;
  const isDone = isVerb && /[^e]ed$/i.test(verb.text);
  const isRun = /^run(?:s|ning)?$/i.test(verb.text) && !/^(?:on|in|at)$/i.test(words[at + 1]?.text ?? '');
  // "is it used?" and "what does host-07 run?" may be told from either end.
  if ((isDone && !end) || (isRun && itemAt < at && !/^where\b/i.test(text))) return null;
  // "used by" and "which host runs checkout" tell from the other end than "uses" and "checkout runs on"; "hosted" as "runs".
  const isPassive = isVerb && (isDone || / by$/i.test(verb.text));
  const turned = [end, isPassive, isRun && at < itemAt].filter(Boolean).length % 2 === 1;
  const direction = told ?? (itemAt < at === turned ? 'in' : 'out');
  const name = relations.map(spoken).join(' or ');
  const tells = direction === 'in' ? `${name} ${code}` : `${code} ${name}`;
  return { direction, relations, depth: deep ? DEEP : 1, told: tells, uses: ['relation'] };
}

/** "is powered by", "runs on" */
function spoken(relation: string): string {
  const name = relation.replaceAll('_', ' ');
  return /^(?:\w+ed|part) \w+$/.test(name) ? `is ${name}` : name;
}
