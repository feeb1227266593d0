import { HOUSE } from '@planyard/contracts';
import { errorReply, type Reply, startModelServer, textReply } from '@planyard/llm/testing';
import { sumUsage } from '@planyard/store';
import { expect, inject, test } from 'vitest';
import { openWorld } from '../support/world.ts';
import { readCatalogue } from './read-catalogue.ts';

const json = (body: object): Reply => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  pieces: [JSON.stringify(body)],
});
const QUESTION = 'Wieviel Urlaub hat Jonas noch?';

test('a tool that shares no word with the question is shown by its embedding; without the model, words find tools', async () => {
  const started = new Date();
  const server = await startModelServer();
  let refused = true;
  let embedded = 0;
  server.script([
    {
      when: ({ path }) => path.endsWith('/embeddings'),
      replies: ({ body }) => {
        if (refused) return errorReply(400, 'not now');
        const texts = [body.input].flat() as string[];
        embedded += texts.length;
        const vectorOf = (text: string) => (/Urlaub|leave_balance/.test(text) ? [1, 0] : [0, 1]);
        return json({
          data: texts.map((text, index) => ({ index, embedding: vectorOf(text) })),
          usage: { prompt_tokens: 1 },
        });
      },
    },
    {
      when: 'You plan how to answer',
      replies: [textReply('{"intent":"x","steps":[],"answer":"Hello"}')],
    },
  ]);
  const world = await openWorld({
    redisUrl: inject('redisUrl'),
    postgresUrl: inject('postgresUrl'),
    planner: {
      OPENAI_BASE_URL: server.url,
      OPENAI_API_KEY: 'sk-test',
      PLANYARD_MODEL: 'openai/gpt-5-mini',
      PLANNER_TOOL_TOKENS: '300',
      PLANYARD_EMBEDDING_MODEL: 'openai/text-embedding-3-small',
    },
  });
  await world.offer(readCatalogue());
  const runs: Awaited<ReturnType<typeof world.ask>>[] = [];
  const asked = () => server.requests.filter(({ body }) => body.input?.toString() === QUESTION).length;
  const shown = async () => {
    runs.push(await world.ask({ question: QUESTION, agent: 'general' }));
    const { prompt = '' } = server.requests.findLast(({ path }) => path.endsWith('/completions')) ?? {};
    return [...prompt.matchAll(/^([a-z_]+\.[a-z_]+)\(/gm)].map(([, name]) => name);
  };
  expect(await shown()).not.toContain('hr.leave_balance');
  await expect
    .poll(() => world.logged().map(({ message }) => message))
    .toContain('tools are found by words alone');
  refused = false;
  await shown();
  await expect.poll(() => embedded).toBeGreaterThanOrEqual(511);
  await expect.poll(shown).toContain('hr.leave_balance');
  // Whatever was asked of the question's vector is in the run's trace.
  const before = asked();
  await shown();
  const told = runs
    .at(-1)
    ?.events.filter(({ type, data }) => type === 'model.called' && data.purpose === 'embed');
  expect(told).toHaveLength(asked() - before);
  // And what the tools' own cost, in the usage of whoever runs the house.
  const spent = await sumUsage(world.db, HOUSE.tenant, ['key', 'model'], { from: started, to: new Date() });
  expect(spent).toMatchObject([{ key: HOUSE.key_id, model: 'openai/text-embedding-3-small' }]);
  expect(spent[0]?.input_tokens).toBeGreaterThan(0);
  await world.close();
  await server.close();
});
