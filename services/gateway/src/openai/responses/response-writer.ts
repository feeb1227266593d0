import type { ResponseObject, ResponseOutputItem, Usage } from '@planyard/contracts';
import type { ChatEvent } from '@planyard/llm';
import { createCallItems } from './call-items.ts';
import type { ResponseBase } from './response-base.ts';
import type { ResponseEvent } from './response-event.ts';
import { encryptedOf } from './to-messages.ts';

type Event = ResponseEvent;

/** A text that is being told: of a message, of one that refuses, or of a summary of reasoning. */
interface OpenText {
  kind: 'message' | 'refusal' | 'reasoning';
  id: string;
  index: number;
  text: string;
  logprobs: unknown[];
}

/** Makes a response of a model's events, one event of the Responses API after another. */
export interface ResponseWriter {
  begin(): Event[];
  take(event: ChatEvent): Event[];
  fail(error: { code: string; message: string }): Event[];
  /** As it stands. */
  response(): ResponseObject;
}

export function createResponseWriter(base: ResponseBase, now: () => number): ResponseWriter {
  const output: ResponseOutputItem[] = [];
  let open: OpenText | null = null;
  let usage: Usage | null = null;
  let status: ResponseObject['status'] = 'in_progress';
  let error: ResponseObject['error'] = null;
  let incomplete: ResponseObject['incomplete_details'] = null;
  let completedAt: number | null = null;
  let number = 0;

  const response = (): ResponseObject => ({
    ...base,
    object: 'response',
    completed_at: completedAt,
    status,
    output: [...output],
    error,
    incomplete_details: incomplete,
    usage: usage && toResponseUsage(usage),
  });
  const event = (type: string, fields: object): Event => ({ type, sequence_number: number++, ...fields });
  const idOf = (prefix: string, index: number) => `${prefix}_${base.id.slice('resp_'.length)}_${index}`;
  const inItem = ({ id, index }: Pick<OpenText, 'id' | 'index'>) => ({ item_id: id, output_index: index });

  const calls = createCallItems(output, event, idOf);

  function begin(kind: OpenText['kind']): Event[] {
    const index = output.length;
    open = { kind, index, id: idOf(kind === 'reasoning' ? 'rs' : 'msg', index), text: '', logprobs: [] };
    const item = kind === 'reasoning' ? reasoningOf(open.id, null, null) : messageOf(open, 'in_progress');
    output.push(item);
    const added = event('response.output_item.added', { output_index: index, item });
    const part =
      kind === 'reasoning'
        ? event('response.reasoning_summary_part.added', { ...inItem(open), ...summaryPart(open) })
        : event('response.content_part.added', { ...inItem(open), content_index: 0, part: partOf(open) });
    return [added, part];
  }

  function told(kind: OpenText['kind'], text: string, logprobs: unknown[] = []): Event[] {
    const before = open?.kind === kind ? [] : [...end(), ...begin(kind)];
    const at = open as OpenText;
    at.text += text;
    at.logprobs.push(...logprobs);
    return [...before, delta(at, text, logprobs)];
  }

  function delta({ kind, ...at }: OpenText, text: string, logprobs: unknown[]): Event {
    const place = inItem(at);
    switch (kind) {
      case 'message':
        return event('response.output_text.delta', { ...place, content_index: 0, delta: text, logprobs });
      case 'refusal':
        return event('response.refusal.delta', { ...place, content_index: 0, delta: text });
      case 'reasoning':
        return event('response.reasoning_summary_text.delta', { ...place, summary_index: 0, delta: text });
    }
  }

  /** Ends the text that is open, if one is. */
  function end(encrypted: string | null = null, status: 'completed' | 'incomplete' = 'completed'): Event[] {
    const at = open;
    if (!at) return [];
    open = null;
    const item = at.kind === 'reasoning' ? reasoningOf(at.id, at.text, encrypted) : messageOf(at, status);
    output[at.index] = item;
    const { text, logprobs } = at;
    const done =
      at.kind === 'reasoning'
        ? [
            event('response.reasoning_summary_text.done', { ...inItem(at), summary_index: 0, text }),
            event('response.reasoning_summary_part.done', { ...inItem(at), ...summaryPart(at) }),
          ]
        : [
            at.kind === 'refusal'
              ? event('response.refusal.done', { ...inItem(at), content_index: 0, refusal: text })
              : event('response.output_text.done', { ...inItem(at), content_index: 0, text, logprobs }),
            event('response.content_part.done', { ...inItem(at), content_index: 0, part: partOf(at) }),
          ];
    return [...done, event('response.output_item.done', { output_index: at.index, item })];
  }

  function reasoned(reasoning: Extract<ChatEvent, { type: 'reasoning' }>): Event[] {
    const encrypted = encryptedOf({
      ...reasoning,
      text: `${open?.kind === 'reasoning' ? open.text : ''}${reasoning.text}`,
    });
    if (reasoning.text || open?.kind !== 'reasoning') {
      const events = told('reasoning', reasoning.text);
      return encrypted === null ? events : [...events, ...end(encrypted)];
    }
    return end(encrypted);
  }

  function finished(reason: Extract<ChatEvent, { type: 'finish' }>['reason']): Event[] {
    const cut = reason === 'length' ? 'max_output_tokens' : reason === 'content_filter' ? reason : null;
    const before = [...end(null, cut ? 'incomplete' : 'completed'), ...calls.cut()];
    status = cut ? 'incomplete' : 'completed';
    incomplete = cut ? { reason: cut } : null;
    if (!cut) completedAt = Math.floor(now() / 1000);
    return [...before, event(`response.${status}`, { response: response() })];
  }

  return {
    begin: () => [
      event('response.created', { response: response() }),
      event('response.in_progress', { response: response() }),
    ],
    take(given) {
      switch (given.type) {
        case 'text':
          return told('message', given.text, logprobsOf(given.logprobs));
        case 'refusal':
          return told('refusal', given.text);
        case 'reasoning':
          return reasoned(given);
        case 'tool_call_delta':
          return [...end(), ...calls.extend(given)];
        case 'tool_call':
          return given.told ? calls.close(given.call) : [...end(), ...calls.whole(given.call)];
        case 'more':
          // Of a chat completion: a response has no place for them.
          return [];
        case 'usage':
          usage = given.usage;
          return [];
        case 'finish':
          return finished(given.reason);
      }
    },
    fail(failure) {
      status = 'failed';
      error = failure;
      return [event('response.failed', { response: response() })];
    },
    response,
  };
}

const partOf = ({ kind, text, logprobs }: OpenText) =>
  kind === 'refusal'
    ? { type: 'refusal', refusal: text }
    : { type: 'output_text', text, annotations: [], logprobs };
const summaryPart = ({ text }: OpenText) => ({ summary_index: 0, part: { type: 'summary_text', text } });

function messageOf(open: OpenText, status: 'in_progress' | 'completed' | 'incomplete') {
  const content = status === 'in_progress' ? [] : [partOf(open)];
  return { id: open.id, type: 'message' as const, role: 'assistant', status, content };
}

function reasoningOf(id: string, text: string | null, encrypted_content: string | null) {
  const summary = text ? [{ type: 'summary_text', text }] : [];
  return { id, type: 'reasoning' as const, summary, encrypted_content };
}

function logprobsOf(logprobs: unknown): unknown[] {
  const content = (logprobs as { content?: unknown } | null | undefined)?.content;
  return Array.isArray(content) ? content : [];
}

function toResponseUsage(usage: Usage): NonNullable<ResponseObject['usage']> {
  return {
    input_tokens: usage.input_tokens,
    input_tokens_details: {
      cached_tokens: usage.cached_tokens,
      cache_write_tokens: usage.cache_write_tokens,
    },
    output_tokens: usage.output_tokens,
    output_tokens_details: { reasoning_tokens: usage.reasoning_tokens },
    total_tokens: usage.input_tokens + usage.output_tokens,
    ...(usage.estimated ? { estimated: true } : {}),
  };
}
