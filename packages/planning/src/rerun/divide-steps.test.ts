import { expect, test } from 'vitest';
import { divideSteps, type EndedStep } from './divide-steps.ts';

type View = EndedStep['view'];

function step(id: string, deps: string[] = [], more: Partial<View> = {}, after: string[] = []): EndedStep {
  return {
    view: { id, status: 'completed', reason: null, ...more },
    definition: { admitted: { data_deps: deps, after_deps: after } },
  };
}

const ids = (steps: EndedStep[]) => steps.map(({ view }) => view.id);

test('anew are the chosen step and what depends on it by data or order, across attempts', () => {
  const steps = [
    step('1.a'),
    step('1.b', ['1.a']),
    step('1.c', [], {}, ['1.b']),
    step('1.other'),
    step('2.d', ['1.c', '1.other']),
    step('2.e', ['1.other']),
  ];
  const { copied, anew } = divideSteps(steps, '1.b');
  expect(ids(anew)).toEqual(['1.b', '1.c', '2.d']);
  expect(ids(copied)).toEqual(['1.a', '1.other', '2.e']);
  expect(ids(divideSteps(steps, null).anew)).toEqual(ids(steps));
});

test('what was cut short is run anew with what depends on it; what another attempt has taken over is not', () => {
  const steps = [
    step('1.gone', [], { status: 'aborted', reason: 'superseded' }),
    step('2.late', [], { status: 'aborted', reason: 'deadline' }),
    step('2.after', ['2.late'], { status: 'skipped', reason: 'dependency_aborted' }),
    step('2.stopped', [], { status: 'aborted', reason: 'user' }),
    step('2.failed', [], { status: 'failed' }),
    step('2.from'),
  ];
  expect(ids(divideSteps(steps, '2.from').anew)).toEqual(['2.late', '2.after', '2.from']);
  expect(ids(divideSteps(steps, null).copied)).toEqual(['1.gone']);
});
