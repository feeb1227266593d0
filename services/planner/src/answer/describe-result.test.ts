import type { Json } from '@planyard/contracts';
import { expect, test } from 'vitest';
import type { Evidence } from '../results.ts';
import { describeResult } from './describe-result.ts';
import type { Show } from './describer.ts';

test('an answer says what the points of a series are, and that there are more than it tells', () => {
  const result = {
    metric: 'cpu_usage',
    agg: 'avg',
    unit: '%',
    from: '2026-11-20T09:00:00.000Z',
    to: '2026-11-20T10:00:00.000Z',
    bucket_s: 1_800,
    series: ['a', 'b'].map((code) => ({
      ...node(code),
      points: [{ at: '2026-11-20T09:00:00.000Z', value: 1 }],
    })),
    total_items: 25,
  };
  expect(told('metric.series', result)).toContain('average per 30 minutes: ');
  expect(told('metric.series', result)).toContain('; and 23 more. [1.a]');
});

test('an answer from a walk that was cut short says so, with and without what it was to show', () => {
  const result = { start: node('db'), nodes: [{ ...node('web'), depth: 1 }], edges: [], truncated: true };
  expect(told('graph.expand', result)).toMatch(/1 item directly: web .*There may be more/);
  expect(told('graph.expand', { ...result, nodes: [] })).toMatch(/nothing was found\. There may be more/);
  expect(told('graph.expand', { ...result, truncated: false })).not.toContain('more');
});

test('of newest values, which are of several times, none is told over all items', () => {
  const items = ['a', 'b'].map((code) => ({ ...node(code), value: 2, samples: 1 }));
  const [from, to] = ['2026-11-20T09:00:00.000Z', '2026-11-20T10:00:00.000Z'];
  const figures = { metric: 'cpu', unit: '%', from, to, items, without_samples: [] };
  const overall = { value: 2, items: 2 };
  expect(told('metric.aggregate', { ...figures, overall, agg: 'avg' })).toContain('Over all 2: 2 %.');
  expect(told('metric.aggregate', { ...figures, overall, agg: 'last' })).not.toContain('Over all');
});

test('small figures and bounds are told as what they are', () => {
  const items = [0.004, 0.0123, 0.0002].map((value, n) => ({ ...node(`s${n}`), value, samples: 1 }));
  const figures = { metric: 'loss', agg: 'avg', unit: 'ratio', from: '2026-11-20T09:00:00.000Z' };
  const overall = { value: 0.0055, items: 3 };
  const result = { ...figures, to: '2026-11-20T10:00:00.000Z', items, overall, without_samples: [] };
  expect(told('metric.aggregate', result, { above: 0.001 })).toContain(
    'above 0.001: 2 of 3: s0 0.004 ratio; s1 0.0123 ratio.',
  );
});

test('a figure over items says how many of them have it', () => {
  const about = { agg: 'sum', field: 'cores', total_items: 40, total_groups: 1 };
  const group = { key: 'all', value: 12, count: 40, with_value: 3 };
  const all = { ...about, group_by: null };
  expect(told('ci.aggregate', { ...all, groups: [group] })).toContain(': 12 (over 3 of 40 items). ');
  expect(told('ci.aggregate', { ...all, groups: [{ ...group, with_value: 40 }] })).toContain(
    ': 12 (over 40 items). ',
  );
  const groups = [
    { ...group, key: 'host', count: 3 },
    { ...group, key: 'vm', count: 37, with_value: 2 },
    { ...group, key: 'app', value: null, with_value: 0 },
  ];
  const byType = { ...about, group_by: 'type', groups, total_groups: 3 };
  expect(told('ci.aggregate', byType)).toContain(': host 12; vm 12 (over 2 of 37 items); app none. ');
  const counted = { ...byType, agg: 'count', groups: groups.slice(0, 2) };
  expect(told('ci.aggregate', counted)).toContain(': host 12; vm 12; and 1 more. ');
});

test('an answer from a rule that saw a part of the time alone says so, fired or not', () => {
  const range = { from: '2026-11-13T10:00:00.000Z', to: '2026-11-13T14:00:00.000Z' };
  const fired = [{ at: '2026-11-13T11:00:00.000Z', item: node('host-1') }];
  const result = { rule: '1 × cpu', ...range, fired, total_fired: 1, items: [], truncated: true };
  const cut = 'Only the time up to 2026-11-13 14:00 UTC was looked at: there are too many matches after it.';
  expect(told('cep.simulate', result)).toContain(`for host-1. ${cut} [`);
  expect(told('cep.simulate', { ...result, fired: [], total_fired: 0 })).toContain(
    `not have fired. ${cut} [`,
  );
  expect(told('cep.simulate', { ...result, truncated: false })).not.toContain('Only');
});

const node = (code: string) => ({
  id: code,
  code,
  name: code,
  type: 'service',
  owner: null,
  environment: null,
  status: 'active',
});

function told(tool: string, value: Json, show: Show = {}): string {
  const step = { id: '1.a', tool, spec: { purpose: 'what was asked', args: {} }, bound_args: {} };
  return describeResult({ step, value } as unknown as Evidence, show);
}
