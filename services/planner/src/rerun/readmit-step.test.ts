import { AdmittedStep } from '@planyard/contracts';
import { expect, test } from 'vitest';
import { toolNamed } from '../testing/tool-named.ts';
import { readmitStep } from './readmit-step.ts';

const tool = toolNamed('composition.collect');
const was = AdmittedStep.parse({
  id: '1.ctx',
  spec: {
    id: 'ctx',
    tool: tool.name,
    args: { primary: { $from: '1.a' }, enriched: { b: { $from: '1.b' } } },
    after: ['1.b'],
  },
  data_deps: ['1.who'],
  after_deps: ['1.b', '1.a'],
  optional_deps: ['1.a', '1.b'],
  dispatch: { class: 'io', timeout_ms: 5, max_tries: 1 },
});
const ids = ['1.who', '1.a', '1.b', '1.c', '1.ctx'];

test('with other arguments a step depends on what these read; what it could do without, it still can', () => {
  const step = readmitStep(was, { primary: { $from: 'a' }, enriched: { c: { $from: 'c' } } }, ids, [tool]);
  expect(step).toMatchObject({
    data_deps: ['1.c', '1.who'],
    after_deps: ['1.b', '1.a'],
    optional_deps: ['1.a'],
    dispatch: { timeout_ms: 1000 },
  });
});

test('with its own arguments it depends on what it did', () => {
  const { data_deps, after_deps, optional_deps } = readmitStep(was, null, ids, [tool]);
  expect({ data_deps, after_deps, optional_deps }).toEqual({
    data_deps: was.data_deps,
    after_deps: was.after_deps,
    optional_deps: was.optional_deps,
  });
});
