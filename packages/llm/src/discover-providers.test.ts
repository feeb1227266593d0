import { afterAll, beforeAll, expect, test } from 'vitest';
import { discoverProviders, type FoundProvider, usualModel } from './discover-providers.ts';
import { type ModelServer, startModelServer } from './testing/index.ts';

let server: ModelServer;
beforeAll(async () => {
  server = await startModelServer([], ['llama-9', 'other']);
});
afterAll(() => server.close());

const signal = new AbortController().signal;
const nothing: typeof fetch = () => Promise.reject(new Error('refused'));
const ollama: typeof fetch = () => Promise.resolve(Response.json({ models: [{ name: 'llama' }] }));
const emptyOllama: typeof fetch = () => Promise.resolve(Response.json({ models: [] }));

test('nothing configured and nothing found', async () => {
  expect(await discoverProviders({ OPENAI_API_KEY: '' }, nothing)).toEqual([]);
  expect(await discoverProviders({}, emptyOllama)).toEqual([]);
});

test('an Ollama on this machine is found by itself', async () => {
  expect(await discoverProviders({}, ollama)).toMatchObject([{ name: 'ollama', source: 'localhost' }]);
});

test('the environment names providers in order', async () => {
  const env = { OPENAI_API_KEY: 'k', OPENROUTER_API_KEY: 'k' };
  const found = await discoverProviders(env, nothing);
  expect(found.map((each) => [each.name, each.source])).toEqual([
    ['openai', 'OPENAI_API_KEY'],
    ['openrouter', 'OPENROUTER_API_KEY'],
  ]);
  expect(JSON.stringify(found.map(({ name, base_url }) => ({ name, base_url })))).not.toContain('"k"');
});

const usual = (found: FoundProvider[]) =>
  usualModel(
    found.map(({ create }) => create({ connect_timeout_ms: 1000 })),
    found,
    signal,
  );

test('an endpoint of one’s own is asked for its first model', async () => {
  const found = await discoverProviders({ VLLM_BASE_URL: server.url }, nothing);
  expect(await usual(found)).toEqual({ provider: 'vllm', model: 'llama-9' });
});

test('a configured endpoint that is down stays configured: asking for its model fails', async () => {
  const found = await discoverProviders({ OPENAI_BASE_URL: 'http://127.0.0.1:1/v1' }, nothing);
  expect(found).toHaveLength(1);
  await expect(usual(found)).rejects.toMatchObject({ code: 'model_unavailable' });
});
