import type { JsonObject } from '@planyard/contracts';
import { expect, onTestFinished, test } from 'vitest';
import type { ChatRequest } from '../../contract.ts';
import {
  errorReply,
  type Reply,
  startModelServer,
  textReply,
  toolCallReply,
  WIRES,
} from '../../testing/index.ts';
import { openModels } from '../../testing/open-models.ts';
import { OUTPUT_TEXTS } from '../../testing/output-texts.ts';
import { countTokens } from '../../tokens/count-tokens.ts';

const schema = {
  type: 'object',
  properties: { city: { type: 'string' }, degrees: { type: 'integer' } },
  required: ['city', 'degrees'],
};
const FITS = { city: 'Bern', degrees: 3 };

/** A model that does not keep to schemas by itself, or is said to, and what it was sent. */
async function ask(replies: Reply[], more: Partial<ChatRequest> = {}, native_output = false) {
  const server = await startModelServer([{ when: /./, replies }]);
  const { chat, models, calls } = openModels({ one: server }, { native_output });
  try {
    const request = {
      messages: [{ role: 'user' as const, content: 'Bern?' }],
      output: { name: 'weather', schema },
      ...more,
    };
    const events = [];
    for await (const event of chat('one/a', { request })) events.push(event);
    return { events, calls, requests: server.requests };
  } finally {
    models.close();
    await server.close();
  }
}

test('a model without JSON output is made to call a tool, and its arguments are the reply', async () => {
  const { events, requests } = await ask([toolCallReply('weather', FITS)]);
  expect(events).toMatchObject([
    { type: 'text', text: JSON.stringify(FITS) },
    { type: 'usage' },
    { type: 'finish', reason: 'stop' },
  ]);
  expect(requests[0]?.body).toMatchObject({ tool_choice: { function: { name: 'weather' } } });
  expect(requests[0]?.body.response_format).toBeUndefined();
  expect(requests[0]?.body.tools?.[0]).toMatchObject({ function: { description: OUTPUT_TEXTS.asTool() } });
});

test('what does not fit is mended once, and both tries are paid', async () => {
  const { events, requests, calls } = await ask([
    toolCallReply('weather', { city: 'Bern', degrees: 'three' }),
    textReply(`\`\`\`json\n${JSON.stringify(FITS)}\n\`\`\``),
  ]);
  expect(events[0]).toEqual({ type: 'text', text: JSON.stringify(FITS) });
  expect(requests[1]?.prompt).toContain(OUTPUT_TEXTS.asText(JSON.stringify(schema)));
  expect(requests[1]?.prompt).toContain(OUTPUT_TEXTS.mend(['/degrees must be integer']));
  expect(calls).toMatchObject([{ status: 'ok', usage: { input_tokens: 200, output_tokens: 40 } }]);
});

test('a server that knows no schema, or no tools either, is asked the next way, and in that way for an hour', async () => {
  let clock = 0;
  const server = await startModelServer();
  const { text, models, calls } = openModels({ one: server }, {}, { now: () => clock });
  onTestFinished(async () => {
    models.close();
    await server.close();
  });
  const ways: string[] = [];
  const wayOf = (body: Record<string, unknown>) =>
    body.response_format ? 'schema' : body.tools ? 'call' : 'text';
  const knows = (known: string[]) =>
    server.script([
      {
        when: /./,
        replies: ({ body }) => {
          const way = wayOf(body);
          ways.push(`${body.model} ${way}`);
          if (!known.includes(way))
            return errorReply(
              400,
              `This ${way === 'schema' ? 'response_format' : 'tool_choice'} is unavailable now`,
            );
          if (way === 'call') return toolCallReply('weather', FITS);
          const json = JSON.stringify(FITS);
          return body.stream ? textReply(json) : whole(json);
        },
      },
    ]);
  const messages = [{ role: 'user' as const, content: 'Bern?' }];
  const askFor = (model: string, more: Partial<ChatRequest> = {}) =>
    text(model, { request: { messages, output: { name: 'weather', schema }, ...more } });
  knows(['call', 'text']);
  expect(await askFor('one/a')).toBe(JSON.stringify(FITS));
  expect(await askFor('one/a')).toBe(JSON.stringify(FITS));
  expect(ways).toEqual(['a schema', 'a call', 'a call']);
  // One try, whatever was asked within it.
  expect(calls).toMatchObject([{ status: 'ok' }, { status: 'ok' }]);
  ways.length = 0;
  knows(['text']);
  expect(await askFor('one/b', { stream: false })).toBe(JSON.stringify(FITS));
  expect(await askFor('one/b')).toBe(JSON.stringify(FITS));
  expect(ways).toEqual(['b schema', 'b call', 'b text', 'b text']);
  clock += 3_600_000;
  await askFor('one/a');
  expect(ways.slice(4)).toEqual(['a schema', 'a call', 'a text']);
});

test('a schema that the model does not take is the caller’s mistake, and the next one is tried by itself', async () => {
  const refused = errorReply(400, "Invalid schema for response_format 'weather': 'required' is missing");
  await expect(ask([refused], {}, true)).rejects.toMatchObject({ kind: 'bad_request' });
});

test('a try that tells no usage is counted, and the other one is still paid', async () => {
  const fits = JSON.stringify(FITS);
  const { calls, events } = await ask([
    toolCallReply('weather', { city: 'Bern', degrees: 'three' }),
    textReply(fits, { usage: null }),
  ]);
  const usage = calls[0]?.usage;
  expect(usage).toMatchObject({ estimated: true });
  expect(usage?.input_tokens).toBeGreaterThan(100);
  expect(usage?.output_tokens).toBe(20 + (await countTokens(fits)));
  expect(events.find(({ type }) => type === 'usage')).toEqual({ type: 'usage', usage });
});

test('what does not fit then is a bad reply', async () => {
  await expect(ask([textReply('It is cold.')])).rejects.toMatchObject({
    kind: 'bad_reply',
    message: expect.stringContaining('not JSON'),
  });
});

test('what fits no schema opens no breaker: its caller chose the schema, and the model answered', async () => {
  const server = await startModelServer([{ when: /./, replies: [textReply('It is cold.')] }]);
  const breaker = { error_percent: 1, min_calls: 1, window_ms: 60_000, reset_ms: 60_000 };
  const { text, models } = openModels({ one: server }, { native_output: false, breaker });
  onTestFinished(async () => {
    models.close();
    await server.close();
  });
  const request = {
    messages: [{ role: 'user' as const, content: 'Bern?' }],
    output: { name: 'weather', schema: { not: {} } },
  };
  for (let call = 0; call < 3; call += 1)
    await expect(text('one/a', { request })).rejects.toMatchObject({ kind: 'bad_reply' });
  expect(models.breakerStates()).toEqual({ 'one/a': 'closed' });
});

test('a schema that refers to itself without end is its caller’s fault', async () => {
  const output = { name: 'weather', schema: { $ref: '#' } };
  await expect(ask([textReply('{}')], { output }, true)).rejects.toMatchObject({ kind: 'bad_request' });
});

test('a reply that cannot be mended is paid, its first try too', async () => {
  const server = await startModelServer([]);
  const { text, models, calls } = openModels({ one: server }, { native_output: false });
  onTestFinished(async () => {
    models.close();
    await server.close();
  });
  const request = {
    messages: [{ role: 'user' as const, content: 'Bern?' }],
    output: { name: 'weather', schema },
  };
  const unfit = toolCallReply('weather', { city: 'Bern' });
  for (const second of [textReply('It is cold.'), errorReply(400, 'no more')]) {
    server.script([{ when: /./, replies: [unfit, second] }]);
    await expect(text('one/a', { request })).rejects.toMatchObject({ name: 'ModelError' });
  }
  expect(calls).toMatchObject([
    { status: 'error', usage: { input_tokens: 200, output_tokens: 40 } },
    { status: 'error', usage: { input_tokens: 100, output_tokens: 20 } },
  ]);
});

test('beside tools of the request it is asked for in words; a call of such a tool passes', async () => {
  const tools = [{ name: 'look', description: 'x', parameters: { type: 'object' } }];
  const answered = await ask([textReply(JSON.stringify(FITS))], { tools });
  expect(answered.events[0]).toEqual({ type: 'text', text: JSON.stringify(FITS) });
  expect(answered.requests[0]?.prompt).toContain('"degrees"');
  const called = await ask([toolCallReply('look', {})], { tools });
  expect(called.events.find((event) => event.type === 'tool_call')).toMatchObject({ call: { name: 'look' } });
});

test('a schema that is none is the caller’s mistake', async () => {
  const output = { name: 'x', schema: { type: 'object', properties: { a: { type: 'strange' } } } };
  await expect(ask([toolCallReply('x', {})], { output })).rejects.toMatchObject({ kind: 'bad_request' });
});

/** Each definition refers to the next one twice. */
const branching = Object.fromEntries(
  Array.from({ length: 40 }, (_, at) => {
    const next = { $ref: `#/$defs/d${at + 1}` };
    return [`d${at}`, at === 39 ? { type: 'object' } : { allOf: [next, next] }];
  }),
);

test.each([
  ['a pattern that backtracks', { type: 'object', properties: { city: { pattern: '^(a|a)*$' } } }],
  ['references that branch', { type: 'object', $ref: '#/$defs/d0', $defs: branching }],
])('%s for ever are the caller’s mistake, and all else goes on', async (_what, hostile) => {
  const reply = toolCallReply('x', { city: `${'a'.repeat(60)}!` });
  await expect(ask([reply], { output: { name: 'x', schema: hostile as JsonObject } })).rejects.toMatchObject({
    kind: 'bad_request',
    message: expect.stringContaining('takes too long to check'),
  });
});

const whole = (text: string) =>
  WIRES.openai.whole({ text: [text], finish: 'stop', usage: { input: 100, output: 20 } });

test('a whole reply of a model that is said to keep to schemas is checked and mended once all the same', async () => {
  const mended = await ask([whole('not json'), whole(JSON.stringify(FITS))], { stream: false }, true);
  expect(mended.events[0]).toEqual({ type: 'text', text: JSON.stringify(FITS) });
  expect(mended.requests[1]?.prompt).toContain('it is not JSON');
  expect(mended.requests[1]?.body.response_format).toMatchObject({ type: 'json_schema' });
  expect(mended.calls).toMatchObject([{ usage: { input_tokens: 200, output_tokens: 40 } }]);
  await expect(ask([whole('{"city":"Bern"}')], { stream: false }, true)).rejects.toMatchObject({
    kind: 'bad_reply',
  });
});

test('its stream ends in an error where it does not fit; one cut short, or a call, passes', async () => {
  await expect(ask([textReply('{"city":"Bern"}')], {}, true)).rejects.toMatchObject({
    kind: 'bad_reply',
    message: expect.stringContaining("must have required property 'degrees'"),
  });
  const tools = [{ name: 'weather', description: 'x', parameters: { type: 'object' } }];
  const called = await ask([toolCallReply('weather', {})], { tools }, true);
  expect(called.events.at(-1)).toEqual({ type: 'finish', reason: 'tool_calls' });
  const fits = await ask([textReply(JSON.stringify(FITS), { chunk: 5 })], {}, true);
  expect(fits.events.filter(({ type }) => type === 'text').length).toBeGreaterThan(1);
});

test('JSON in a fenced block is its text, and a block that does not end holds up nobody', async () => {
  const fenced = textReply(`\`\`\`json \n\n${JSON.stringify(FITS)}\n\`\`\`\n`);
  const tools = [{ name: 'other', description: '', parameters: {} }];
  const { events } = await ask([fenced], { tools });
  expect(events[0]).toMatchObject({ type: 'text', text: expect.stringContaining(JSON.stringify(FITS)) });
  const endless = textReply(`\`\`\`${'\n'.repeat(200_000)}x`);
  await expect(ask([endless], { tools })).rejects.toMatchObject({ kind: 'bad_reply' });
});
