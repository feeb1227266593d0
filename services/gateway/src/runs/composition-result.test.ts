import type { Consumer } from '@planyard/engine';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { call, openGateway, type TestGateway } from '../testing/open-gateway.ts';
import { echo, type PlayedStep, playServices, storeBig } from '../testing/play-services.ts';

let gateway: TestGateway;
let services: Consumer;

beforeAll(async () => {
  gateway = await openGateway(inject('redisUrl'));
});
afterAll(async () => {
  await services?.close(0);
  await gateway?.close();
});

test('what a composition gave is what the attempt gave that was whole, by the names it was planned with, however large', async () => {
  const text = 'x'.repeat(100_000);
  services = playServices(gateway, {
    dies: true,
    steps: (attempt): PlayedStep[] => [
      { id: 'search', args: { attempt } },
      { id: 'metrics', after: ['search'] },
      {
        id: 'result',
        tool: 'composition.collect',
        args: {
          primary: { $from: `${attempt}.search` },
          enriched: { metrics: { $from: `${attempt}.metrics` } },
        },
        after: ['metrics'],
      },
    ],
    execute: (step) => (step.step.endsWith('metrics') ? storeBig(gateway, step, text) : echo(step)),
  });
  const key = await gateway.key(['runs:write', 'runs:read']);
  const reply = await call(gateway, 'POST', '/v1/compositions/search_with_context/run', {
    key,
    body: { parameters: { query: 'db' } },
  });
  expect(reply.json).toMatchObject({
    status: 'completed',
    primary: { echo: { attempt: 2 } },
    enriched: { metrics: { text } },
    execution_trace: [
      { step: '2.search', status: 'completed' },
      { step: '2.metrics', status: 'completed' },
    ],
    metadata: { steps_completed: 2, errors: [] },
  });
});
