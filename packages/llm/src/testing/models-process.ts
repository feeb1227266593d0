// Models in a process of their own, for tests of what several processes share. It answers each order of its parent.
import { Redis } from 'ioredis';
import type { CallContext } from '../model-call.ts';
import { ModelError } from '../model-error.ts';
import type { ModelSettings } from '../settings.ts';
import { openModels } from './open-models.ts';

export interface ProcessSetUp {
  redisUrl: string;
  namespace: string;
  servers: Record<string, { url: string }>;
  settings: Partial<ModelSettings>;
}

export interface Order {
  model: string;
  /** Calls at once. */
  calls: number;
  max_tokens?: number;
  context?: Partial<Pick<CallContext, 'caller' | 'budgets' | 'patience_ms'>>;
}

export interface OrderReport {
  answers: number;
  /** How many calls failed with each kind or code. */
  failures: Record<string, number>;
  states: Record<string, string>;
}

process.once('message', (setUp: ProcessSetUp) => {
  const redis = new Redis(setUp.redisUrl, { maxRetriesPerRequest: 3 });
  const { models, text } = openModels(setUp.servers, setUp.settings, {
    redis: { redis, namespace: setUp.namespace },
  });

  async function carryOut({ model, calls, max_tokens, context }: Order): Promise<OrderReport> {
    const report: OrderReport = { answers: 0, failures: {}, states: {} };
    const request = {
      messages: [{ role: 'user' as const, content: 'hello' }],
      ...(max_tokens ? { max_tokens } : {}),
    };
    const ask = async () => {
      try {
        await text(model, { request, ...context });
        report.answers += 1;
      } catch (error) {
        const why =
          error instanceof ModelError ? error.kind : ((error as { code?: string }).code ?? String(error));
        report.failures[why] = (report.failures[why] ?? 0) + 1;
      }
    };
    await Promise.all(Array.from({ length: calls }, ask));
    return { ...report, states: models.breakerStates() };
  }

  process.on('message', async ({ id, order }: { id: number; order: Order }) =>
    process.send?.({ id, report: await carryOut(order) }),
  );
  process.send?.('ready');
});
process.on('disconnect', () => process.exit(0));
