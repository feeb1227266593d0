import { expect, test } from 'vitest';
import type { Protocol, Provider } from '../contract.ts';
import { verifyModels } from './verify-models.ts';

test.each<[Protocol, offered: string, wanted: string, there: boolean]>([
  ['openai', 'gpt-5', 'gpt-5', true],
  ['openai', 'gpt-5-mini', 'gpt-5', false],
  ['openai', 'meta/llama-4', 'meta/llama-4:nitro', true],
  ['ollama', 'qwen3:latest', 'qwen3', true],
  ['ollama', 'qwen3:8b', 'qwen3', false],
  ['anthropic', 'claude-haiku-4-5-20251001', 'claude-haiku-4-5', true],
  ['anthropic', 'claude-3-5-haiku-20241022', 'claude-3-5-haiku-latest', true],
  ['anthropic', 'claude-haiku-4-5-20251001', 'claude-haiku-4', false],
  ['bedrock', 'amazon.nova-lite-v1:0', 'amazon.nova-lite-v1:0', true],
])('%s offers %s: is %s there? %s', async (protocol, offered, wanted, there) => {
  const provider = { name: 'p', protocol, models: async () => [offered] } as unknown as Provider;
  const missing = await verifyModels(
    [provider],
    [{ provider: 'p', model: wanted }],
    new AbortController().signal,
  );
  expect(missing.length === 0).toBe(there);
});
