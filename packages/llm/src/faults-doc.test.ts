import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DEFAULT_TIMEOUTS } from './config/timeouts.ts';
import { accountSet } from './ledger/ledger.ts';
import { MODEL_ERROR_KINDS, ModelError } from './model-error.ts';
import { withFallback } from './policies/fallback.ts';
import type { Target } from './policies/targets.ts';
import { type FaultServers, faults } from './testing/faults.ts';
import { providerOf } from './testing/wires.ts';

const doc = readFileSync(new URL('../../../docs/faults.md', import.meta.url), 'utf8');

test('docs/faults.md has these faults, and what came of them', () => {
  const rows = [...doc.matchAll(/^\| ([^|]+) \| ([^|]+) \| (\d) \| ([^|]+) \|$/gm)].map(
    ([, fault, kind, tries, had]) => ({ fault, kind, tries: Number(tries), had }),
  );
  expect(rows).toEqual(
    Object.entries(faults({} as FaultServers)).map(([fault, { kind, tries, heard }]) => ({
      fault,
      kind: kind === null ? 'none' : `\`${kind}\``,
      tries,
      had: kind === null ? 'the answer' : heard ? 'what had come' : 'nothing',
    })),
  );
});

test('docs/faults.md says of each kind whether it is tried again, goes to the next model, opens the breaker', async () => {
  const rows = [...doc.matchAll(/^\| `(\w+)` \| `(\w+)` \| \d+ \| ([^|]+) \| ([^|]+) \| ([^|]+) \|/gm)].map(
    ([, kind, code, again, next, counts]) => ({ kind, code, again, next, counts }),
  );
  const facts = MODEL_ERROR_KINDS.map(async (kind) => {
    const failed = new ModelError(kind, 'failed');
    return {
      kind,
      code: failed.code,
      again: failed.retryable ? 'yes' : 'no',
      next: await nextAfter(failed),
      counts: failed.counts ? 'yes' : 'no',
    };
  });
  expect(rows).toEqual(await Promise.all(facts));
});

/** Whether a model of the same size, or only a larger one, is asked after that error. */
async function nextAfter(failed: ModelError): Promise<string> {
  const provider = providerOf('openai', 'http://127.0.0.1:1');
  const target = (model: string, context_tokens: number): Target => ({
    id: `openai/${model}`,
    name: { provider: 'openai', model },
    provider,
    context_tokens,
    rank: 0,
    price: null,
    weight: 1,
    limits: accountSet([]),
    timeouts: DEFAULT_TIMEOUTS,
  });
  const asked: string[] = [];
  const refuse = ({ name }: Target): AsyncIterable<never> => {
    asked.push(name.model);
    return { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(failed) }) };
  };
  const context = {
    signal: new AbortController().signal,
    deadlineAt: null,
    onFallback: () => undefined,
    now: () => 0,
  };
  const targets = [target('first', 10), target('equal', 10), target('larger', 20)];
  const all = withFallback(() => targets, refuse, context);
  await expect(all[Symbol.asyncIterator]().next()).rejects.toBe(failed);
  if (asked.includes('equal')) return 'yes';
  return asked.includes('larger') ? 'a larger one' : 'no';
}
