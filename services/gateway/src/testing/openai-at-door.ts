import OpenAI from 'openai';
import { afterAll, beforeEach, inject } from 'vitest';
import { type ModelDoor, openModelDoor } from './model-door.ts';

/** OpenAI's own client at a door of this test file, whose upstream remembers the requests of one test. */
export async function openAiAtDoor(
  env: Record<string, string> = {},
): Promise<{ door: ModelDoor; client: OpenAI }> {
  const door = await openModelDoor(inject('redisUrl'), env);
  afterAll(() => door.close());
  beforeEach(() => {
    door.upstream.requests.length = 0;
  });
  return { door, client: new OpenAI({ apiKey: door.apiKey, baseURL: door.baseURL, maxRetries: 0 }) };
}
