import type { JsonObject } from '@planyard/contracts';
import type { MoreFields } from '../../contract.ts';

const OF_A_REPLY = new Set(['id', 'object', 'created', 'model', 'choices', 'usage', 'error']);
const OF_A_CHOICE = new Set(['index', 'delta', 'message', 'finish_reason', 'logprobs']);
const OF_A_MESSAGE = new Set(['role', 'content', 'refusal', 'tool_calls', 'reasoning_content', 'reasoning']);
const OF_USAGE = new Set([
  'prompt_tokens',
  'completion_tokens',
  'total_tokens',
  'prompt_tokens_details',
  'completion_tokens_details',
]);
const OF_DETAILS = new Set(['cached_tokens', 'cache_write_tokens', 'reasoning_tokens']);
const OF_A_CALL = new Set(['index', 'id', 'type', 'function', 'custom']);

/** What a chunk holds besides what our events say; null for nothing. */
export function moreIn(
  chunk: object,
  choice: object | undefined,
  delta: object | undefined,
): MoreFields | null {
  const reply = unknown(chunk, OF_A_REPLY);
  const ofChoice = unknown(choice, OF_A_CHOICE);
  const message = unknown(delta, OF_A_MESSAGE);
  if (!reply && !ofChoice && !message) return null;
  return {
    ...(reply ? { reply } : {}),
    ...(ofChoice ? { choice: ofChoice } : {}),
    ...(message ? { message } : {}),
  };
}

/** Usage as it was told, where it tells more than ours. */
export function moreOfUsage(usage: object | null | undefined): MoreFields | null {
  const { prompt_tokens_details: input, completion_tokens_details: output } = (usage ?? {}) as Record<
    string,
    object
  >;
  const tells = unknown(usage, OF_USAGE) ?? unknown(input, OF_DETAILS) ?? unknown(output, OF_DETAILS);
  return tells ? { usage: usage as JsonObject } : null;
}

export function moreOfCall(piece: object): JsonObject | undefined {
  return unknown(piece, OF_A_CALL) ?? undefined;
}

/** Null says no more than a field that is not there. */
function unknown(fields: object | null | undefined, known: Set<string>): JsonObject | null {
  let found: JsonObject | null = null;
  for (const name in fields) {
    const value = (fields as JsonObject)[name];
    if (known.has(name) || value === null || value === undefined) continue;
    found ??= {};
    found[name] = value;
  }
  return found;
}
