import type { Reply } from '@planyard/llm/testing';

/** A whole chat completion with that message, as OpenAI's API sends it. */
export function completionReply(message: object, more: object = {}): Reply {
  const choice = {
    index: 0,
    message: { role: 'assistant', content: null, ...message },
    finish_reason: 'stop',
  };
  const usage = { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 };
  const frame = { id: 'c1', object: 'chat.completion', created: 1, model: 'gpt-5-mini' };
  return jsonReply({ ...frame, choices: [choice], usage, ...more });
}

export function jsonReply(body: unknown): Reply {
  return { status: 200, headers: { 'content-type': 'application/json' }, pieces: [JSON.stringify(body)] };
}
