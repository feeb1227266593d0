import { textReply } from '@planyard/llm/testing';
import { OpenAI } from 'openai';
import { afterAll, beforeAll, beforeEach, expect, inject, it } from 'vitest';
import { completionReply } from '../testing/completion-reply.ts';
import { type ModelDoor, openModelDoor } from '../testing/model-door.ts';

let door: ModelDoor;
beforeAll(async () => {
  door = await openModelDoor(inject('redisUrl'));
});
afterAll(() => door?.close());
beforeEach(() => {
  door.upstream.requests.length = 0;
});

function ask(
  model: string,
  headers: Record<string, string>,
  more: { stream?: true; max_tokens?: number | null; max_completion_tokens?: number | null } = {},
) {
  const client = new OpenAI({ apiKey: door.apiKey, baseURL: door.baseURL, maxRetries: 0 });
  const messages = [{ role: 'user' as const, content: 'hello' }];
  return client.chat.completions.create({ model, messages, ...more }, { headers });
}

it('a budget by header sets the tokens of the answer, or refuses the call before it is made', async () => {
  door.play(completionReply({ content: 'Guten Tag' }));
  await ask('openai/gpt-5-mini', { 'x-planyard-budget-tokens': '100' });
  // What is left besides the question, which counts as 6.
  expect(door.upstream.requests[0]?.body.max_tokens).toBe(94);
  await expect(ask('openai/gpt-5-mini', { 'x-planyard-budget-tokens': '3' })).rejects.toMatchObject({
    status: 402,
    code: 'budget_exceeded',
  });
  const dear = ask('openai/gpt-5-mini', { 'x-planyard-budget-usd': '0.001' }, { max_tokens: 1_000 });
  await expect(dear).rejects.toMatchObject({ status: 402, code: 'budget_exceeded' });
  expect(door.upstream.requests).toHaveLength(1);
});

it('no way of writing a limit gets past the budget', async () => {
  door.play(completionReply({ content: 'Guten Tag' }));
  const headers = { 'x-planyard-budget-tokens': '100' };
  await ask('openai/gpt-5-mini', headers, { max_tokens: null, max_completion_tokens: null });
  expect(door.upstream.requests[0]?.body).toMatchObject({ max_tokens: 94 });
  expect(door.upstream.requests[0]?.body).not.toHaveProperty('max_completion_tokens');
  const larger = ask('openai/gpt-5-mini', headers, { max_tokens: 5_000, max_completion_tokens: 10 });
  await expect(larger).rejects.toMatchObject({ status: 402 });
});

it('under a budget in USD a model without a price is refused', async () => {
  door.play(textReply('ok'));
  await expect(ask('openai/unheard-of', { 'x-planyard-budget-usd': '1' })).rejects.toMatchObject({
    status: 422,
    code: 'model_unpriced',
  });
});
