import type { MeaningOf } from './meaning.ts';
import { CARRYING, RELATED, RELATIONS } from './vocabulary.ts';
import { nameWords, withParts } from './words.ts';

type Relates = [phrase: string, meaning: MeaningOf<'relation'>];

/** The relations that make where they begin depend on where they end. */
export function dependenciesOf(types: string[]): string[] {
  return [...new Set([...withParts(types, RELATIONS[0]?.[1] ?? []), ...withParts(types, CARRYING)])];
}

/** What relates items here: the names of the catalog's relations, nouns, and verbs that mean one of them. */
export function relationPhrases(types: string[]): Relates[] {
  const rows = RELATIONS.map(([verbs = [], parts = [], endVerbs = [], endParts = []]) => {
    const near = withParts(types, parts);
    const relations = near.length > 0 ? near : withParts(types, endParts);
    return { verbs, endVerbs, relations, isEnd: near.length === 0 && relations.length > 0 };
  });
  const [first] = rows;
  const called = first?.relations ?? [];
  const dependencies = called.length > 0 ? called : dependenciesOf(types);
  if (first) first.relations = dependencies;
  const relates = (phrase: string, relations: string[], more: object): Relates => {
    // Where nothing is known to be a dependency, only that items are related can be told.
    const named = relations.length > 0 ? relations : null;
    return [phrase, { kind: 'relation', relations: named, deep: relations === dependencies, ...more }];
  };
  return [
    ...types.flatMap((type) => {
      const [verb = '', by, ...others] = nameWords(type);
      const relations = called.includes(type) ? dependencies : [type];
      // "uses" is a verb and has a passive, "depends on" is a phrase; "controlled by" tells of who controls.
      const named = relates(type, relations, by === undefined ? { end: false } : {});
      const isPassive = by === 'by' && others.length === 0;
      return isPassive ? [named, relates(verb, relations, { end: true })] : [named];
    }),
    ...RELATED.in.map((noun) => relates(noun, dependencies, { direction: 'in' })),
    ...RELATED.out.map((noun) => relates(noun, dependencies, { direction: 'out' })),
    ...rows
      .filter(({ relations }) => relations.length > 0 || relations === dependencies)
      .flatMap(({ verbs, endVerbs, relations, isEnd }) => [
        ...verbs.map((verb) => relates(verb, relations, { end: isEnd })),
        ...endVerbs.map((verb) => relates(verb, relations, { end: !isEnd })),
      ]),
  ];
}
