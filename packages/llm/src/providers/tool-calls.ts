import { randomUUID } from 'node:crypto';
import type { FinishReason, ToolCall } from '../contract.ts';
import { ModelError } from '../model-error.ts';

/** A tool call as a provider sent it: anything may be missing. */
export interface RawToolCall {
  id?: string | null;
  name?: string | null;
  arguments?: string | null;
}

/** Tool calls made equal across providers: each has an id, a name and the text of a JSON object. A call that the token limit cut off is dropped, as `length` says already. Throws `bad_reply` for what cannot be mended. */
export function toToolCalls(raw: RawToolCall[], finish: FinishReason): ToolCall[] {
  return raw.flatMap((call) => {
    const args = objectText(call.arguments ?? '');
    if (args === null && finish === 'length') return [];
    if (args === null)
      throw new ModelError('bad_reply', `the arguments of the tool call ${call.name} are not a JSON object`);
    if (!call.name) throw new ModelError('bad_reply', 'a tool call names no tool');
    return [{ id: call.id || `call_${randomUUID().replaceAll('-', '')}`, name: call.name, arguments: args }];
  });
}

/** The text of a JSON object, unwrapped where a model encoded it twice; null for anything else. */
function objectText(text: string): string | null {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed === 'null') return '{}';
  const value = parsed(trimmed);
  if (typeof value === 'string') return isObject(parsed(value)) ? value : null;
  return isObject(value) ? trimmed : null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): boolean {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
