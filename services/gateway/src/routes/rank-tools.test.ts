import { ToolManifest } from '@planyard/contracts';
import { type Reply, startModelServer } from '@planyard/llm/testing';
import { expect, inject, test } from 'vitest';
import { call, openGateway } from '../testing/open-gateway.ts';

const tool = (name: string, description: string) =>
  ToolManifest.parse({
    name,
    description,
    input_schema: {},
    output_schema: {},
    effects: 'read',
    idempotent: true,
    timeout_ms: 1_000,
    profile: { accuracy: 0.9, complexity: 'low' },
  });

test('a ranking tells how well words fit and how alike tools are by the model of embeddings, which ranks as in prompts; usage tells of both', async () => {
  const server = await startModelServer();
  server.script([
    {
      when: ({ path }) => path.endsWith('/embeddings'),
      replies: ({ body }): Reply => {
        const data = [body.input].flat().map((text, index) => ({
          index,
          embedding: /Urlaub|Days off/.test(String(text)) ? [1, 0] : [0, 1],
        }));
        return {
          status: 200,
          headers: { 'content-type': 'application/json' },
          pieces: [JSON.stringify({ data, usage: { prompt_tokens: 1 } })],
        };
      },
    },
  ]);
  const gateway = await openGateway(inject('redisUrl'), {
    OPENAI_BASE_URL: server.url,
    OPENAI_API_KEY: 'sk-test',
    PLANYARD_EMBEDDING_MODEL: 'openai/text-embedding-3-small',
  });
  try {
    await gateway.engine.publishTools(
      'w1',
      [tool('staff.absence', 'Days off'), tool('kube.pods', 'Resturlaub')],
      60_000,
    );
    const key = await gateway.key(['runs:read']);
    const ranked = async () =>
      (await call(gateway, 'GET', '/v1/tools/rank?question=Urlaub', { key })).json.data.map(
        (each: { tool: string; words: number; similarity: number | null }) => [
          each.tool,
          each.words,
          each.similarity,
        ],
      );
    // Until the vectors are there, words alone rank: here none fits, and names order.
    expect(await ranked()).toEqual([
      ['kube.pods', 0, null],
      ['staff.absence', 0, null],
    ]);
    await expect.poll(ranked).toEqual([
      ['staff.absence', 0, 1],
      ['kube.pods', 0, 0],
    ]);
    const admin = await gateway.key(['admin']);
    await expect
      .poll(async () => (await call(gateway, 'GET', '/v1/usage?by=key,model', { key: admin })).json.data)
      .toMatchObject([
        { key: expect.stringMatching(/^key_/), model: 'openai/text-embedding-3-small' },
        { key: 'planyard', model: 'openai/text-embedding-3-small' },
      ]);
  } finally {
    await gateway.close();
    await server.close();
  }
});
