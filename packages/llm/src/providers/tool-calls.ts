import { randomUUID } from 'node:crypto';
import type { JsonObject, Usage } from '@planyard/contracts';
import type { ChatEvent, FinishReason, ToolCall } from '../contract.ts';
import { ModelError } from '../model-error.ts';

/** A tool call as a provider sent it: anything may be missing. */
export interface RawToolCall {
  id?: string | null | undefined;
  name?: string | null | undefined;
  arguments?: string | null | undefined;
  /** Its arguments are any text. */
  custom?: boolean | undefined;
  more?: JsonObject | undefined;
}

/** A call whose pieces are still coming. */
export interface OpenCall {
  index: number;
  id: string | null;
  name: string | null;
  custom: boolean;
  arguments: string;
  /** Arguments that came and were not passed on. */
  waiting: string;
  told: boolean;
  more?: JsonObject | undefined;
}

/** The calls of one reply, put together from their pieces. */
export interface CallAssembly {
  begin(raw: RawToolCall): OpenCall;
  /** Takes more of a call; what may be passed on of it by now. */
  extend(call: OpenCall, raw: RawToolCall): Iterable<ChatEvent>;
  /** Each call whole, in order. Throws `bad_reply` for what cannot be mended. */
  end(finish: FinishReason): Iterable<ChatEvent>;
  readonly size: number;
}

/** With `live`, calls are told in pieces too. Only arguments that begin as an object are: anything else must be mended first, which takes the whole. */
export function assembleCalls(live: boolean): CallAssembly {
  const calls: OpenCall[] = [];

  function* tell(call: OpenCall): Iterable<ChatEvent> {
    const { index, name, custom, waiting } = call;
    if (!live || !name || waiting === '') return;
    if (!call.told && !custom && !waiting.trimStart().startsWith('{')) return;
    call.waiting = '';
    call.id ||= newId();
    const delta = { index, id: call.id, name, arguments: waiting };
    yield {
      type: 'tool_call_delta',
      ...delta,
      ...(custom ? { custom } : {}),
      ...(call.told ? {} : { first: true, ...(call.more ? { more: call.more } : {}) }),
    };
    call.told = true;
  }

  return {
    begin({ id, name, custom }) {
      const call: OpenCall = {
        index: calls.length,
        id: id || null,
        name: name || null,
        custom: custom ?? false,
        arguments: '',
        waiting: '',
        told: false,
      };
      calls.push(call);
      return call;
    },
    *extend(call, raw) {
      call.id ||= raw.id || null;
      call.name ||= raw.name || null;
      if (raw.more) call.more = { ...call.more, ...raw.more };
      const piece = raw.arguments ?? '';
      call.arguments += piece;
      if (live) call.waiting += piece;
      yield* tell(call);
    },
    *end(finish) {
      for (const call of calls)
        for (const whole of toToolCalls([call], finish))
          yield { type: 'tool_call', call: whole, ...(call.told ? { told: true } : {}) };
    },
    get size() {
      return calls.length;
    },
  };
}

/** The calls of a reply that is over; nothing else is told before them, since another try may do better. Throws `bad_reply` with what the reply has cost. */
export function soundCalls(calls: () => Iterable<ChatEvent>, usage: Usage | null): ChatEvent[] {
  try {
    return [...calls()];
  } catch (thrown) {
    throw thrown instanceof ModelError && usage ? thrown.using(usage) : thrown;
  }
}

/** Tool calls made equal across providers: each has an id, a name and the text of a JSON object. A call that the token limit cut off is dropped, as `length` says already. Throws `bad_reply` for what cannot be mended. */
export function toToolCalls(raw: RawToolCall[], finish: FinishReason): ToolCall[] {
  return raw.flatMap((call): ToolCall[] => {
    const { name, custom, more } = call;
    const text = call.arguments ?? '';
    const args = custom ? text : objectText(text);
    if (args === null && finish === 'length') return [];
    if (args === null)
      throw new ModelError('bad_reply', `the arguments of the tool call ${name} are not a JSON object`);
    if (!name) throw new ModelError('bad_reply', 'a tool call names no tool');
    return [
      {
        id: call.id || newId(),
        name,
        arguments: args,
        ...(custom ? { custom } : {}),
        ...(more ? { more } : {}),
      },
    ];
  });
}

function newId(): string {
  return `call_${randomUUID().replaceAll('-', '')}`;
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
