import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Consumer } from '@planyard/engine';
import { openGateway, playServices, type TestGateway } from '@planyard/gateway/testing';
import { type Client, createClient, PlanyardError } from '@planyard/sdk';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';

const root = resolve(import.meta.dirname, '..');

describe('the SDK', () => {
  let gateway: TestGateway;
  let services: Consumer;
  let key: string;
  let client: Client;
  beforeAll(async () => {
    gateway = await openGateway(inject('redisUrl'));
    services = playServices(gateway, { steps: [{ id: 'a' }], answer: ['one ', 'two ', 'three'] });
    key = await gateway.key(['admin']);
    client = createClient({ baseUrl: `${gateway.url}/`, apiKey: key });
  });
  afterAll(async () => {
    await services.close(0);
    await gateway.close();
  });

  it('starts a run and waits for its end', async () => {
    const { id } = await client.runs.create({ question: 'hi' }, { idempotencyKey: 'k' });
    expect((await client.runs.create({ question: 'hi' }, { idempotencyKey: 'k' })).id).toBe(id);
    expect(await client.runs.wait(id)).toMatchObject({ id, status: 'completed', answer: 'one two three' });
    expect((await client.runs.steps(id)).data).toMatchObject([{ id: '1.a' }]);
    expect(await client.runs.step(id, '1.a')).toMatchObject({ result: { echo: {} } });
    expect((await client.runs.trace(id)).data).toHaveLength(1);
    await client.runs.delete(id);
    await expect(client.runs.get(id)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('does what the program in README.md says', async () => {
    const readme = readFileSync(resolve(root, 'README.md'), 'utf8');
    const code = /^```js\n([\s\S]*?)^```/m.exec(readme)?.[1] as string;
    // Where the packages of the workspace are found.
    const directory = await mkdtemp(resolve(root, 'node_modules/readme-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    const program = join(directory, 'program.mjs');
    await writeFile(program, code.replace('http://localhost:7420', gateway.url));
    const env = { PLANYARD_API_KEY: key };
    const { stdout } = await promisify(execFile)(process.execPath, [program], { env });
    expect(stdout).toMatch(/^run\.accepted\n[\s\S]*\nrun\.completed\none two three\n$/);
  });

  it('takes up a broken event stream where it broke', async () => {
    let connections = 0;
    /** Breaks each connection after its first chunk, as a proxy that gives up would. */
    const breaking: typeof fetch = async (input, init) => {
      const response = await fetch(input, init);
      if (!String(input).endsWith('/events')) return response;
      connections += 1;
      const reader = (response.body as ReadableStream<Uint8Array>).getReader();
      let seen = 0;
      const body = new ReadableStream<Uint8Array>({
        async pull(controller) {
          seen += 1;
          const { value, done } = await reader.read();
          if (done) controller.close();
          else if (seen > 1 && connections < 3) controller.error(new TypeError('terminated'));
          else controller.enqueue(value);
        },
      });
      return new Response(body, { status: response.status, headers: response.headers });
    };
    const shaky = createClient({ baseUrl: gateway.url, apiKey: key, fetch: breaking });
    const { id } = await shaky.runs.create({ question: 'hi' });
    const numbers: number[] = [];
    for await (const event of shaky.runs.events(id)) numbers.push(event.number);
    expect(connections).toBeGreaterThan(1);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  });

  it('throws what the gateway says, with its code, faults and waiting time', async () => {
    const wrong = await client.runs.create({ question: '' }).catch((error: unknown) => error);
    expect(wrong).toBeInstanceOf(PlanyardError);
    expect(wrong).toMatchObject({ code: 'invalid_request', errors: [{ path: 'question' }] });
    const nobody = createClient({ baseUrl: gateway.url, apiKey: 'x' });
    await expect(nobody.tools.list()).rejects.toMatchObject({ code: 'unauthorized' });
    const nowhere = createClient({ baseUrl: 'http://127.0.0.1:9', apiKey: 'x' });
    await expect(nowhere.tools.list()).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    await expect(client.tools.get('ci.none')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('hears that an upload is too large before it has sent it', async () => {
    let sent = 0;
    async function* zeros() {
      for (; ; sent += 65_536) yield new Uint8Array(65_536);
    }
    const file = { name: 'metrics.csv', size: 2 ** 31, open: zeros };
    await expect(client.imports.create([file])).rejects.toMatchObject({ code: 'payload_too_large' });
    expect(sent).toBeLessThan(2 ** 27);
  });

  it('uploads files and returns the report, faults or not', async () => {
    const sent: number[] = [];
    const file = (name: string, text: string) => ({
      name,
      size: text.length,
      open: async function* () {
        yield new TextEncoder().encode(text);
      },
    });
    const report = await client.imports.create(
      [file('items.csv', 'code,type\nweb,service\n'), file('bad "name".csv', 'code,type\n,\n')],
      { onProgress: (bytes) => sent.push(bytes) },
    );
    expect(report.files).toMatchObject([
      { file: 'items.csv', loaded: { items: 1 }, errors: [] },
      { errors: [{ message: expect.stringContaining('code') }, {}] },
    ]);
    expect(sent).toEqual([22, 34]);
    expect(await client.ready()).toMatchObject({ ready: true });
    expect((await client.keys.list()).data).toHaveLength(1);
    expect(await client.stats()).toMatchObject({ next_cursor: null });
  });
});
