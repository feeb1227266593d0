import type { Json } from '@planyard/contracts';
import { expect, test } from 'vitest';
import type { Clause } from '../clause.ts';
import type { Builder } from './goal.ts';
import { addMetric } from './metrics.ts';

const figures = { agg: null, rank: null, above: null, below: null };

function planned(asked: Partial<Record<keyof typeof figures, unknown>>): Record<string, Json> | undefined {
  const calls: Record<string, Json>[] = [];
  const builder = {
    add(_name: string, _tool: string, args: Record<string, Json>) {
      calls.push(args);
      return 'metric';
    },
  } as unknown as Builder;
  const clause = { time: null, timeless: '', text: '', items: [], tokens: [], metrics: ['cpu_usage'] };
  addMetric({ ...clause, figures: { ...figures, ...asked } } as unknown as Clause, builder, {}, 'of hosts');
  return calls[0];
}

test('items below a bound are asked for lowest first, so that none of them is beyond what the tool shows', () => {
  expect(planned({ below: 10 })).toMatchObject({ order: 'asc', top: 5000 });
  expect(planned({ above: 90 })).toMatchObject({ order: 'desc', top: 5000 });
  expect(planned({ above: 10, below: 90 })).toMatchObject({ order: 'desc' });
});
