import { ToolManifest } from '@planyard/contracts';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { call, openGateway, type TestGateway } from '../testing/open-gateway.ts';

describe('tools', () => {
  let gateway: TestGateway;
  let key: string;
  beforeAll(async () => {
    gateway = await openGateway(inject('redisUrl'));
    key = await gateway.key(['runs:read']);
  });
  afterAll(() => gateway.close());

  it('lists tools that a worker offers', async () => {
    const manifest = (name: string) => ({
      name,
      description: 'a tool',
      class: 'io' as const,
      input_schema: { type: 'object' },
      output_schema: {},
      effects: 'read' as const,
      idempotent: true,
      needs_approval: false,
      broad_search: false,
      timeout_ms: 1_000,
      max_tries: 3,
      cache_ttl_s: 0,
      cost_usd: 0,
      profile: { accuracy: 0.9, complexity: 'low' as const },
    });
    await gateway.engine.publishTools('w1', [manifest('ci.search'), manifest('metric.series')], 60_000);
    const listed = await call(gateway, 'GET', '/v1/tools?type=ci', { key });
    expect(listed.json.data).toMatchObject([{ name: 'ci.search' }]);
    expect(listed.json.data[0]).not.toHaveProperty('input_schema');
    const one = await call(gateway, 'GET', '/v1/tools/ci.search', { key });
    expect(one.json.input_schema).toEqual({ type: 'object' });
    expect((await call(gateway, 'GET', '/v1/tools/ci.none', { key })).status).toBe(404);
  });

  it('ranks tools for a question with every factor, and pages', async () => {
    const base = {
      input_schema: {},
      output_schema: {},
      effects: 'read',
      idempotent: true,
      timeout_ms: 1_000,
    };
    const tool = (name: string, description: string) =>
      ToolManifest.parse({ ...base, name, description, profile: { accuracy: 0.9, complexity: 'low' } });
    const measured = (breaker: 'open' | 'closed') => ({
      calls: 50,
      ms: 1_000,
      success: 0.3,
      cached: 0.9,
      breaker,
    });
    await gateway.engine.publishTools(
      'w1',
      [tool('hr.leave', 'Days off'), tool('hr.vacancy', 'Open positions'), tool('kube.pods', 'Instances')],
      60_000,
      {
        running: 3,
        places: 10,
        before: {},
        figures: { 'hr.leave': measured('closed'), 'hr.vacancy': measured('open') },
      },
    );
    const path = '/v1/tools/rank?question=how+much+vacation+is+left';
    const { json } = await call(gateway, 'GET', path, { key });
    expect(json.data.map((each: { tool: string }) => each.tool)).toEqual([
      'hr.leave',
      'kube.pods',
      'hr.vacancy',
    ]);
    const [first, , last] = json.data;
    expect(first).toMatchObject({
      ...{ relevance: 1, named: false, intent: false, cached: true, load: 0.3, breaker: 'closed', calls: 50 },
      accuracy: (0.9 * 10 + 0.3 * 50) / 60,
      est_ms: (60 * 3 + 1_000 * 50) / 53,
    });
    expect(last.breaker).toBe('open');
    const { accuracy, est_ms, load } = first;
    expect(first.score).toBeCloseTo(
      0.3 * accuracy + 0.25 / (1 + est_ms / 1000) + 0.15 * 0.5 + 0.2 * (1 - load),
      10,
    );
    const paged = await call(gateway, 'GET', `${path}&limit=1`, { key });
    expect(paged.json.data).toHaveLength(1);
    const next = await call(gateway, 'GET', `${path}&limit=1&cursor=${paged.json.next_cursor}`, { key });
    expect(next.json.data[0].tool).toBe('kube.pods');
    const refused = await call(gateway, 'GET', '/v1/tools/rank?question=+&strategy=quickest', { key });
    expect(refused.json.errors.map((each: { path: string }) => each.path)).toEqual([
      'query.question',
      'query.strategy',
    ]);
  });
});
