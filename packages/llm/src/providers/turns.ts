import type { JsonObject } from '@planyard/contracts';
import type { ChatMessage, ChatPart, Reasoning, ToolCall } from '../contract.ts';
import { ModelError } from '../model-error.ts';

export type UserPart = ChatPart | { type: 'tool_result'; tool_call_id: string; content: string };
export type AssistantPart =
  | { type: 'text'; text: string }
  | { type: 'reasoning'; reasoning: Reasoning }
  | { type: 'tool_call'; call: ToolCall; input: JsonObject };
export type Turn = { role: 'user'; parts: UserPart[] } | { role: 'assistant'; parts: AssistantPart[] };

/** A conversation as APIs want it whose turns must alternate: the system text apart, results of tools in the user's turn. Empty texts, which these APIs refuse, are left out. Throws `bad_request` for a tool call whose arguments are no JSON object. */
export function toTurns(messages: ChatMessage[]): { system: string[]; turns: Turn[] } {
  const system: string[] = [];
  const turns: Turn[] = [];
  for (const message of messages) {
    if (message.role === 'system') system.push(...textsOf(message.content));
    else if (message.role === 'assistant') {
      const last = turns.at(-1);
      if (last?.role === 'assistant') last.parts.push(...assistantParts(message));
      else turns.push({ role: 'assistant', parts: assistantParts(message) });
    } else {
      const last = turns.at(-1);
      if (last?.role === 'user') last.parts.push(...userParts(message));
      else turns.push({ role: 'user', parts: userParts(message) });
    }
  }
  return { system, turns: turns.filter((turn) => turn.parts.length > 0) };
}

function userParts(message: Extract<ChatMessage, { role: 'user' | 'system' | 'tool' }>): UserPart[] {
  if (message.role === 'tool')
    return [{ type: 'tool_result', tool_call_id: message.tool_call_id, content: message.content }];
  if (typeof message.content === 'string')
    return textsOf(message.content).map((text) => ({ type: 'text', text }));
  return message.content.filter((part) => part.type !== 'text' || part.text !== '');
}

function assistantParts(message: Extract<ChatMessage, { role: 'assistant' }>): AssistantPart[] {
  return [
    ...(message.reasoning ?? []).map((reasoning): AssistantPart => ({ type: 'reasoning', reasoning })),
    ...textsOf(message.content ?? '').map((text): AssistantPart => ({ type: 'text', text })),
    ...(message.tool_calls ?? []).map(
      (call): AssistantPart => ({ type: 'tool_call', call, input: inputOf(call) }),
    ),
  ];
}

/** The arguments of a call in the conversation, as a value. */
export function inputOf(call: ToolCall): JsonObject {
  try {
    const value: unknown = JSON.parse(call.arguments || '{}');
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value as JsonObject;
  } catch {
    // Told below, like JSON that is no object.
  }
  throw new ModelError('bad_request', `the arguments of the tool call ${call.id} are not a JSON object`);
}

function textsOf(content: string | ChatPart[]): string[] {
  const texts =
    typeof content === 'string' ? [content] : content.map((part) => (part.type === 'text' ? part.text : ''));
  return texts.filter((text) => text !== '');
}
