import { expect, test } from 'vitest';
import { conceptsOf } from './lexical-scores.ts';
import { createVocabulary } from './vocabulary.ts';

const related = new Map([['call off', [['cancel', 0.5]]]] as const);
const stemsFor = (question: string) =>
  conceptsOf(question, related, createVocabulary([]))
    .flat()
    .map(([stem]) => stem);

test.each(['call off', 'Call it off', "call tonight's party off"])('a phrase is known: %s', (question) => {
  expect(stemsFor(question)).toContain('cancel');
});

test.each(['off call', 'call whoever of them has a day off'])('it is none: %s', (question) => {
  expect(stemsFor(question)).not.toContain('cancel');
});
