import type { MeaningOf } from './meaning.ts';
import { RELATED, RELATIONS } from './vocabulary.ts';
import { nameWords, withParts } from './words.ts';

type Relates = [phrase: string, meaning: MeaningOf<'relation'>];

/** What relates items here: the names of the catalog's relations, nouns, and verbs that mean one of them. */
export function relationPhrases(types: string[]): Relates[] {
  const rows = RELATIONS.map(([verbs = [], parts = [], endVerbs = [], endParts = []]) => {
    const near = withParts(types, parts);
    const relations = near.length > 0 ? near : withParts(types, endParts);
    return { verbs, endVerbs, relations, isEnd: near.length === 0 && relations.length > 0 };
  });
  const [{ relations: dependencies = [] } = {}] = rows;
  const relates = (phrase: string, relations: string[], more: object): Relates => {
    // Where none is called a dependency, any relation may be one.
    const named = relations.length > 0 ? relations : null;
    return [phrase, { kind: 'relation', relations: named, deep: relations === dependencies, ...more }];
  };
  return [
    ...types.flatMap((type) => {
      const [verb = '', by, ...others] = nameWords(type);
      const relations = dependencies.includes(type) ? dependencies : [type];
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
