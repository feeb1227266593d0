import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openGateway } from '@planyard/gateway/testing';
import { errorReply, startModelServer } from '@planyard/llm/testing';
import { describe, expect, inject, it, onTestFinished, vi } from 'vitest';
import { planyardAtGateway, runPlanyard } from './support/run-planyard.ts';

const { planyard } = await planyardAtGateway();

describe('planyard doctor', () => {
  it('examines model providers, each by its own protocol', async () => {
    const server = await startModelServer();
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIATEST');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
    onTestFinished(() => void vi.unstubAllEnvs());
    const env = {
      ANTHROPIC_API_KEY: 'sk-doctor',
      ANTHROPIC_BASE_URL: server.origin,
      PLANYARD_BEDROCK_REGION: 'eu-west-1',
      PLANYARD_BEDROCK_ENDPOINT: server.origin,
      OLLAMA_BASE_URL: server.origin,
      OPENROUTER_API_KEY: 'sk-doctor',
      OPENROUTER_BASE_URL: 'http://127.0.0.1:9/v1',
    };
    onTestFinished(() => server.close());
    const states = async () => {
      const { out } = await planyard(['doctor', '-o', 'json'], { env });
      expect(out).not.toContain('sk-doctor');
      return (JSON.parse(out) as { name: string; state: string }[])
        .filter(({ name }) => name.startsWith('Model provider'))
        .map(({ name, state }) => `${name.split(' ').at(-1)} ${state}`)
        .sort();
    };
    // Again where a busy machine did not load a client within the time that a provider has.
    await expect.poll(states).toEqual(['anthropic ok', 'bedrock ok', 'ollama ok', 'openrouter bad']);
  });

  it('examines planyard.yaml of its directory: its faults, its providers, its models', async () => {
    const server = await startModelServer([], ['small']);
    const cwd = await mkdtemp(join(tmpdir(), 'planyard-doctor-'));
    onTestFinished(async () => {
      await server.close();
      await rm(cwd, { recursive: true });
    });
    const write = (name: string, text: string) => writeFile(join(cwd, name), text);
    const about = async (what: string) => {
      const { out } = await planyard(['doctor', '-o', 'json'], { cwd });
      return (JSON.parse(out) as { name: string; state: string; detail: string }[]).filter(({ name }) =>
        name.startsWith(what),
      );
    };
    await write(
      'planyard.yaml',
      `providers:
  own: { kind: openai_compatible, base_url: "${server.url}", api_key: { file: key } }
  gone: { kind: openai_compatible, base_url: "http://127.0.0.1:9/v1" }
routes: { smart: [own/small, own/huge] }
`,
    );
    const [first] = await about('Model');
    expect(first).toMatchObject({ name: 'Model configuration', state: 'bad' });
    expect(first?.detail).toContain('planyard.yaml: providers.own: the file');
    await write('key', 'sk-doctor');
    expect(await about('Model')).toMatchObject([
      { name: 'Model configuration', state: 'ok', detail: join(cwd, 'planyard.yaml') },
      { name: 'Model provider own', state: 'ok' },
      { name: 'Model provider gone', state: 'bad' },
      { name: 'Model', state: 'bad', detail: 'own/huge: own does not offer it' },
    ]);
  });

  it('examines the installation', async () => {
    const { out } = await planyard(['doctor', '-o', 'json'], { env: { REDIS_URL: inject('redisUrl') } });
    const findings = JSON.parse(out) as { name: string; state: string; fix?: string }[];
    expect(findings).toContainEqual(expect.objectContaining({ name: 'Redis', state: 'ok' }));
    expect(findings).toContainEqual(expect.objectContaining({ name: 'Gateway', state: 'ok' }));
    expect(findings).toContainEqual(expect.objectContaining({ name: 'Tools', state: 'bad' }));
    for (const finding of findings) if (finding.state === 'bad') expect(finding.fix).toBeTruthy();
    const off = await planyard(['doctor'], {
      env: { PLANYARD_URL: 'http://127.0.0.1:9', DATABASE_URL: 'postgres://127.0.0.1:9/x', REDIS_URL: 'x' },
    });
    expect(off.code).toBe(1);
    expect(off.out).toMatch(/bad {3}Redis: .*\n.*redis:\/\//);
    expect(off.out).toContain('127.0.0.1:9');
  });
});

describe('planyard models', () => {
  it('lists routes and models, and calls each of a route with its latency and cost', async () => {
    const upstream = await startModelServer([], ['gpt-5-mini', 'gpt-5']);
    const dir = await mkdtemp(join(tmpdir(), 'planyard-cli-'));
    const config = join(dir, 'planyard.yaml');
    await writeFile(config, 'routes: { smart: [openai/gpt-5-mini, openai/gpt-5] }');
    const gateway = await openGateway(inject('redisUrl'), {
      OPENAI_BASE_URL: upstream.url,
      OPENAI_API_KEY: 'sk-test',
      PLANYARD_CONFIG: config,
    });
    const key = await gateway.key(['models:call']);
    let out = '';
    const run = async (...args: string[]) => {
      const env = { PLANYARD_URL: gateway.url, PLANYARD_API_KEY: key };
      const ended = await runPlanyard(['models', ...args], { env, cwd: dir });
      out = ended.out;
      return ended.code;
    };
    try {
      expect(await run('list')).toBe(0);
      expect(out).toMatch(/smart +route +openai\/gpt-5-mini, openai\/gpt-5/);
      expect(out).toMatch(/openai\/gpt-5-mini +model +closed/);

      const said = { message: { role: 'assistant', content: 'ready' }, finish_reason: 'stop', index: 0 };
      const usage = { prompt_tokens: 100, completion_tokens: 20 };
      const body = JSON.stringify({ id: 'c', object: 'chat.completion', choices: [said], usage });
      const headers = { 'content-type': 'application/json' };
      upstream.script([
        { when: ({ body: asked }) => asked.model === 'gpt-5', replies: [errorReply(400, 'no such account')] },
        { when: /./, replies: [{ status: 200, headers, pieces: [body] }] },
      ]);
      expect(await run('test')).toBe(1);
      expect(out).toMatch(/openai\/gpt-5-mini +\d+ ms +\$0\.000065 +ok/);
      expect(out).toMatch(/openai\/gpt-5 +\d+ ms +openai answered: no such account/);
      expect(await run('test', 'smart', '-o', 'json')).toBe(0);
      expect(JSON.parse(out)).toMatchObject([
        { model: 'smart', ok: true, answered_by: 'openai/gpt-5-mini', cost_usd: 0.000065 },
      ]);
    } finally {
      await gateway.close();
      await upstream.close();
      await rm(dir, { recursive: true });
    }
  });
});
