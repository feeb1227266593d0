import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { textReply } from '@planyard/llm/testing';
import { OpenAI } from 'openai';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { completionReply } from '../testing/completion-reply.ts';
import { type ModelDoor, openModelDoor } from '../testing/model-door.ts';

let door: ModelDoor;
let collector: Server;
let directory: string;
/** What a collector got: protobuf, in which texts stand as they are. */
let received = '';

beforeAll(async () => {
  collector = createServer(async (request, response) => {
    for await (const chunk of request) received += (chunk as Buffer).toString('latin1');
    response.writeHead(200).end();
  }).listen(0, '127.0.0.1');
  await once(collector, 'listening');
  directory = await mkdtemp(join(tmpdir(), 'planyard-'));
  const PLANYARD_CONFIG = join(directory, 'planyard.yaml');
  await writeFile(PLANYARD_CONFIG, 'audit: { content: true }');
  door = await openModelDoor(inject('redisUrl'), {
    PLANYARD_CONFIG,
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}`,
  });
});
afterAll(async () => {
  collector?.close();
  await rm(directory, { recursive: true });
});

/** Of the caller, as its tracer names them. */
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';
const bytesOf = (hex: string) => Buffer.from(hex, 'hex').toString('latin1');

it('each call is a span by the conventions for generative AI, with what was said where that is configured', async () => {
  door.play(completionReply({ content: 'Guten Tag' }));
  const client = new OpenAI({ apiKey: door.apiKey, baseURL: door.baseURL, maxRetries: 0 });
  const content = 'my key is sk-abcdefgh12345678';
  await client.chat.completions.create({
    model: 'openai/gpt-5-mini',
    messages: [{ role: 'user', content }],
    max_tokens: 100,
    tools: [{ type: 'function', function: { name: 'look', parameters: { type: 'object' } } }],
  });
  door.play(textReply('Gern'));
  const passedOn = await client.chat.completions.create(
    {
      model: 'openai/gpt-5-mini',
      messages: [{ role: 'user', content }],
      stream: true,
      temperature: 0.5,
      stop: 'x',
      n: 1,
    },
    { headers: { traceparent: `00-${TRACE}-${PARENT}-01` } },
  );
  await Array.fromAsync(passedOn);
  // Closing sends what is left.
  await door.close();
  for (const text of [
    'chat gpt-5-mini',
    'gen_ai.operation.name',
    'gen_ai.provider.name',
    'gen_ai.usage.input_tokens',
    'planyard.request_id',
    'gen_ai.request.max_tokens',
    'gen_ai.request.temperature',
    'gen_ai.request.stop_sequences',
    'gen_ai.request.stream',
    bytesOf(TRACE),
    bytesOf(PARENT),
    'service.name',
    'my key is [redacted]',
    'Guten Tag',
  ])
    expect(received).toContain(text);
  expect(received).not.toContain('sk-abcdefgh');
});
