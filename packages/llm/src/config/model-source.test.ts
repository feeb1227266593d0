import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { priceOf } from '../prices.ts';
import { type ModelServer, startModelServer, textReply } from '../testing/index.ts';
import { muteServer } from '../testing/mute-server.ts';
import { type ModelSourceDeps, openModelSource } from './model-source.ts';
import { parseModelsConfig } from './models-config.ts';
import type { MissingModel } from './verify-models.ts';

let server: ModelServer;
let directory: string;
beforeAll(async () => {
  server = await startModelServer([], ['small', 'large']);
});
afterAll(() => server.close());
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'planyard-'));
  onTestFinished(() => rm(directory, { recursive: true }));
});

const signal = new AbortController().signal;
const warned: string[] = [];
const log = { info: () => undefined, warn: (_fields: object, text: string) => void warned.push(text) };
const write = (text: string, name = 'planyard.yaml') => writeFile(join(directory, name), text);

/** What the source follows, and what tells it of a change. */
let followed: string[] = [];
let changed = () => {};

async function open(more: Partial<ModelSourceDeps> = {}) {
  const source = await openModelSource({
    env: {},
    directory,
    fetch: () => Promise.reject(new Error('refused')),
    log,
    follow(onChange) {
      changed = onChange;
      return {
        follow: async (paths) => {
          followed = paths;
        },
        close: () => undefined,
      };
    },
    ...more,
  });
  onTestFinished(() => source.close());
  return source;
}

const own = (routes: string) => `providers:
  own: { kind: openai_compatible, base_url: "${server.url}", api_key: { env: OWN_KEY } }
routes: { ${routes} }
`;

test('the example file holds, and sets what it says', async () => {
  const path = new URL('../../../../planyard.example.yaml', import.meta.url);
  const config = parseModelsConfig(await readFile(path, 'utf8'), 'planyard.example.yaml');
  expect(Object.keys(config.providers)).toEqual(['openai', 'anthropic', 'bedrock', 'gpu', 'local']);
  expect(config.routes.quick?.models.map((equals) => equals.map(({ model }) => model))).toEqual([
    ['openai/gpt-5-mini', 'gpu/qwen3-32b'],
    ['bedrock/eu.amazon.nova-lite-v1:0'],
  ]);
  expect(config.retries).toEqual({ max_tries: 4, base_ms: 300, cap_ms: 8000, max_wait_ms: 30_000 });
});

test('without a file and without variables there is no provider', async () => {
  const source = await open();
  expect(source.settings().providers).toEqual([]);
  await expect(source.defaultModel(signal)).rejects.toMatchObject({ code: 'model_unavailable' });
});

test('the file goes before the environment; PLANYARD_MODEL may name a route', async () => {
  await write(own('quick: [own/small], smart: [own/large, openai/gpt-5]'));
  const env = { OPENAI_API_KEY: 'k', PLANYARD_MODEL: 'smart' };
  const source = await open({ env, secrets: { OWN_KEY: 'sk' } });
  expect(source.found().map(({ name }) => name)).toEqual(['own', 'openai']);
  expect(await source.defaultModel(signal)).toBe('smart');
  expect(
    await (await open({ secrets: { OWN_KEY: 'sk' }, env: { OPENAI_API_KEY: 'k' } })).defaultModel(signal),
  ).toBe('quick');
});

test.each(['gpt-5', 'nowhere/gpt-5', 'constructor'])('PLANYARD_MODEL=%s is refused', async (name) => {
  await expect(open({ env: { OPENAI_API_KEY: 'k', PLANYARD_MODEL: name } })).rejects.toMatchObject({
    code: 'invalid_config',
  });
});

test('PLANYARD_MODEL of no provider at all says what is missing, and names no file that is not there', async () => {
  const refused = await open({ env: { PLANYARD_MODEL: 'openai/gpt-5' } }).catch((error: Error) => error);
  expect((refused as Error).message).toBe(
    'the environment: PLANYARD_MODEL: there is no model or route openai/gpt-5; no provider is configured: `planyard doctor` says what to set',
  );
});

test('all faults are told at once, each with its place', async () => {
  await write(`providers:
  one: { kind: openai, api_key: sk-written-here }
  two: { kind: bedrock, region: mars }
routes: { smart: [], planyard: [one/a] }
retries: { max_tries: 0 }
`);
  const refused = open();
  await expect(refused).rejects.toMatchObject({ code: 'invalid_config' });
  const error: Error & { errors?: { path: string }[] } = await refused.catch((thrown) => thrown);
  expect(error.errors?.map(({ path }) => path)).toEqual(
    expect.arrayContaining([
      'providers.one.api_key',
      'providers.two.region',
      'retries.max_tries',
      'routes.planyard',
    ]),
  );
  expect(error.message).not.toContain('sk-written-here');
});

test.each([
  ['a secret that is not there', () => own('smart: [own/large]'), 'providers.own'],
  ['a route to no provider', () => 'routes: { smart: [nowhere/a] }', 'routes.smart'],
  ['broken YAML', () => 'routes: {', 'line'],
])('%s is told', async (_name, text, place) => {
  await write(text());
  await expect(open()).rejects.toThrow(place);
});

test('a provider of another name than its kind has the prices of its kind', async () => {
  await write('providers: { work: { kind: openai, api_key: { env: OWN_KEY } } }');
  const { prices } = (await open({ secrets: { OWN_KEY: 'sk' } })).settings();
  expect(priceOf(prices, { provider: 'work', model: 'gpt-5-mini' })).toMatchObject({
    input: 0.25,
    output: 2,
  });
});

test('a secret may lie in a file beside the configuration', async () => {
  await write(own('smart: [own/large]').replace('{ env: OWN_KEY }', '{ file: key }'));
  await write('sk-from-file\n', 'key');
  const source = await open();
  server.script([{ when: /./, replies: [] }]);
  const [provider] = source.settings().providers;
  await provider?.models(signal);
  expect(provider?.name).toBe('own');
});

test('a file of a secret is followed, and its new text is used by the next call', async () => {
  await write(own('smart: [own/large]').replace('{ env: OWN_KEY }', '{ file: key }'));
  await write('sk-before', 'key');
  const source = await open();
  expect(followed).toEqual([join(directory, 'planyard.yaml'), join(directory, 'key')]);
  const [before] = source.settings().providers;
  await write('sk-after', 'key');
  changed();
  await expect.poll(() => source.settings().providers[0] !== before).toBe(true);
  server.requests.length = 0;
  server.script([{ when: /./, replies: [textReply('ok')] }]);
  const request = { messages: [{ role: 'user' as const, content: 'x' }] };
  await Array.fromAsync(source.settings().providers[0]?.chat('large', request, signal) ?? []);
  expect(server.requests[0]?.headers.authorization).toBe('Bearer sk-after');
  // One that is gone leaves the provider as it was.
  await rm(join(directory, 'key'));
  changed();
  await expect.poll(() => source.faults().join()).toContain('cannot be read');
  expect(source.settings().providers).toHaveLength(1);
});

test('what changes holds from the next call on; what is broken leaves the last good one, and says so', async () => {
  await write(own('smart: [own/small]'));
  const states: { valid: boolean; missing: MissingModel[] }[] = [];
  const source = await open({ secrets: { OWN_KEY: 'sk' }, onState: (state) => void states.push(state) });
  const routed = () =>
    source
      .settings()
      .routes.smart?.models.flat()
      .map(({ model }) => model);
  const [before] = source.settings().providers;

  // As editors do it: another file takes its place.
  await write(own('smart: [own/large]'), 'planyard.yaml.new');
  await rename(join(directory, 'planyard.yaml.new'), join(directory, 'planyard.yaml'));
  changed();
  await expect.poll(routed).toEqual(['own/large']);
  // An unchanged provider keeps its connections.
  expect(source.settings().providers[0]).toBe(before);

  await write('routes: { smart: 7 }');
  changed();
  await expect.poll(() => source.faults().join()).toContain('routes.smart');
  expect(routed()).toEqual(['own/large']);
  await expect.poll(() => states.at(-1)?.valid).toBe(false);

  await write(own('smart: [own/small, own/large]'));
  changed();
  await expect.poll(routed).toEqual(['own/small', 'own/large']);
  await expect.poll(() => states.at(-1)?.valid).toBe(true);
  expect(source.faults()).toEqual([]);
});

test('the time to connect that the file gives is that of a provider of the environment, too', async () => {
  const mute = await muteServer();
  const source = await open({ env: { OPENAI_BASE_URL: mute.url } });
  const [before] = source.settings().providers;
  await write('timeouts: { connect_ms: 20 }');
  changed();
  await expect.poll(() => source.settings().timeouts.connect_ms).toBe(20);
  const [openai] = source.settings().providers;
  await expect(openai?.models(signal)).rejects.toMatchObject({ kind: 'timeout' });
  expect(openai).not.toBe(before);
  await write('timeouts: { connect_ms: 20, total_ms: 60000 }');
  changed();
  await expect.poll(() => source.settings().timeouts.total_ms).toBe(60_000);
  expect(source.settings().providers[0]).toBe(openai);
});

test('an endpoint that is said to have no JSON by schema is not asked for it', async () => {
  await write(`providers:
  old: { kind: openai_compatible, base_url: "${server.url}", json_schema: false }
  new: { kind: openai_compatible, base_url: "${server.url}" }`);
  const { providers } = (await open()).settings();
  expect(providers.map((each) => each.native_output('small', {}))).toEqual([false, true]);
});

test('a file that is made after the start is read; one that is taken away is a fault, and what it said stays', async () => {
  const source = await open({ secrets: { OWN_KEY: 'sk' } });
  const names = () => source.settings().providers.map(({ name }) => name);
  expect(names()).toEqual([]);
  await write(own('smart: [own/small]'));
  changed();
  await expect.poll(names).toEqual(['own']);
  await rm(join(directory, 'planyard.yaml'));
  changed();
  await expect.poll(() => source.faults().join()).toContain('cannot be read any more');
  expect(names()).toEqual(['own']);
  await write(own('smart: [own/small]'));
  changed();
  await expect.poll(() => source.faults()).toEqual([]);
});

test('models that are not to be had are named', async () => {
  await write(
    `${own('smart: [own/large, own/huge], away: [gone/a]')}\ncache: { similar: { model: own/embed } }`.replace(
      'providers:',
      `providers:
  gone: { kind: openai_compatible, base_url: "http://127.0.0.1:1/v1" }`,
    ),
  );
  const states: MissingModel[][] = [];
  const source = await open({
    secrets: { OWN_KEY: 'sk' },
    onState: ({ missing }) => void states.push(missing),
  });
  await expect.poll(() => states.length).toBe(1);
  expect(states[0]?.map(({ provider, model }) => `${provider}/${model}`).toSorted()).toEqual([
    'gone/a',
    'own/embed',
    'own/huge',
  ]);
  expect(source.faults().join()).toContain('own/huge: own does not offer it');
  expect(warned).toContain('a configured model is not to be had');
});
