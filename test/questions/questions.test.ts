import { loadSampleInventory } from '@planyard/tool-worker';
import { CompiledQuery } from 'kysely';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type AskedRun, openWorld, type World } from '../support/world.ts';
import { airline } from './airline.ts';
import { bank } from './bank.ts';
import { hospital } from './hospital.ts';
import { loadFixture } from './inventory-fixture.ts';
import { QUESTIONS } from './questions.ts';

let world: World;

beforeAll(async () => {
  world = await openWorld({ redisUrl: inject('redisUrl'), postgresUrl: inject('postgresUrl') });
  // A day that is over, and an hour of it: "today" of the questions is that of the newest data.
  const now = new Date('2026-11-26T18:00:00Z');
  await loadSampleInventory(world.db, { tenant: 'sample', now, seed: 1 });
  await loadFixture(world.db, 'bank', bank, now);
  await loadFixture(world.db, 'hospital', hospital, now);
  await loadFixture(world.db, 'airline', airline, now);
});
afterAll(() => world?.close());

test.each(QUESTIONS)('$inventory: $question', async (question) => {
  const run = await world.ask({ question: question.question }, question.inventory);
  const said = `${run.outcome.answer ?? ''}${run.outcome.error?.message ?? ''}`;
  expect(run.outcome.status, said).toBe(question.status ?? 'completed');
  expect(run.outcome.planner).toBe('rules');
  for (const text of question.contains ?? []) expect(said).toContain(text);
  for (const text of question.lacks ?? []) expect(said).not.toContain(text);
  const values = await truthOf(question);
  for (const value of values) expect(holds(said, value), `${JSON.stringify(value)} in: ${said}`).toBe(true);
  if (question.ordered) {
    const places = values.filter((value) => typeof value === 'string').map((value) => said.indexOf(value));
    expect(places).toEqual([...places].sort((a, b) => a - b));
  }
  if (run.outcome.status === 'completed') expect(run.outcome.citations.length).toBeGreaterThan(0);
  if (question.parallel) expect(overlap(run, ...question.parallel)).toBe(true);
});

test('a question that is too long is refused unread, and a shorter one with the words that are not known', async () => {
  const unknown = Array.from({ length: 2_000 }, (_, number) => `xq${number}`).join(' ');
  const long = await world.ask({ question: unknown }, 'sample');
  expect(long.outcome.error).toMatchObject({ code: 'not_understood' });
  expect(long.outcome.error?.message).toContain('it is longer than 1000 characters');
  const short = await world.ask({ question: `tell me about ${unknown.slice(0, 100)}` }, 'sample');
  expect(short.outcome.error?.message).toContain('nothing here is known as "xq0", "xq1"');
  expect(short.steps).toEqual([]);
});

test('an agent that lacks a tool is named with it: no worker is missing', async () => {
  const run = await world.ask({ question: 'list databases', agent: 'python' }, 'sample');
  expect(run.outcome).toMatchObject({ status: 'failed', error: { code: 'not_understood' } });
  expect(run.outcome.error?.message).toContain('is not among those that the agent python has now');
  expect(run.outcome.error?.message).not.toContain('live worker');
});

test('of a plan beyond the budget, the steps run that it has room for', async () => {
  const question = 'What depends on orders-db and how loaded is it?';
  const run = await world.ask({ question, budget: { steps: 1 } }, 'sample');
  expect(run.steps.map((step) => step.status)).toEqual(['completed']);
  expect(run.outcome).toMatchObject({ status: 'partial', error: null });
  expect(run.outcome.answer).toContain('orders');
  const beyond = expect.stringContaining('beyond the budget of 1 step');
  expect(run.outcome.missing).toEqual([beyond, beyond]);
});

async function truthOf({ truth, inventory }: (typeof QUESTIONS)[number]): Promise<(string | number)[]> {
  if (!truth) return [];
  const { rows } = await world.db.executeQuery<Record<string, string | number | null>>(
    CompiledQuery.raw(truth, [inventory]),
  );
  expect(rows.length, 'the truth has rows').toBeGreaterThan(0);
  return rows.flatMap((row) => Object.values(row)).filter((value) => value !== null);
}

/** Text as it stands, a number as any number of the answer that rounds from it. */
function holds(said: string, value: string | number): boolean {
  const number = typeof value === 'number' ? value : /^-?\d+(?:\.\d+)?$/.test(value) ? Number(value) : null;
  if (number === null) return said.includes(String(value));
  const numbers = said.replaceAll(',', '').match(/-?\d+(?:\.\d+)?/g) ?? [];
  const tolerance = Math.abs(number) >= 100 ? 0.051 : 0.0051;
  return numbers.some((text) => Math.abs(Number(text) - number) <= tolerance);
}

function overlap({ steps }: AskedRun, first: string, second: string): boolean {
  const times = (tool: string) =>
    steps.filter((step) => step.tool === tool && step.started_at !== null && step.ended_at !== null);
  return times(first).some((a) =>
    times(second).some(
      (b) => (a.started_at ?? 0) <= (b.ended_at ?? 0) && (b.started_at ?? 0) <= (a.ended_at ?? 0),
    ),
  );
}
