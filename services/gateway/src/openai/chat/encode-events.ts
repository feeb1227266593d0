import type { Json, JsonObject, ReasoningDetail, Usage } from '@planyard/contracts';
import type { MoreFields, RawPiece, ToolCall, ToolCallDelta } from '@planyard/llm';
import type { AnswerEvent, RunProgress } from '../run/run-answer.ts';
import {
  type CompletionFrame,
  chunkEvent,
  DONE,
  lastPiece,
  piece,
  toCompletionUsage,
} from './completion-frame.ts';

/** A model's events as the chunks of a streamed completion. */
export async function* encodeStream(
  events: AsyncIterable<AnswerEvent>,
  frame: CompletionFrame,
  options: { includeUsage: boolean },
): AsyncIterable<RawPiece> {
  /** Where each call stands among those that were told: clients number them as they come. */
  const places = new Map<number, number>();
  let calls = 0;
  const thoughts = gatherThoughts();
  let usage: Usage | null = null;
  let role: { role?: 'assistant' } = { role: 'assistant' };
  /** What the provider added: to each chunk, to the choice of the next one, to the usage. */
  let reply: JsonObject = {};
  let ofChoice: JsonObject = {};
  let given: JsonObject = {};
  const told = options.includeUsage ? { usage: null } : {};
  const write = (delta: object, finish_reason: string | null, more: object = {}, extension: object = {}) => {
    const choice = { ...ofChoice, delta: { ...role, ...delta }, finish_reason, ...more };
    role = {};
    ofChoice = {};
    return chunkEvent(frame, choice, { reply, ...told, ...extension });
  };
  const chunk = (delta: object, more: { logprobs?: Json } = {}) => piece(write(delta, null, more));
  for await (const event of events)
    switch (event.type) {
      case 'text':
        yield chunk(
          { content: event.text },
          event.logprobs === undefined ? {} : { logprobs: event.logprobs },
        );
        break;
      case 'refusal':
        yield chunk({ refusal: event.text });
        break;
      case 'reasoning':
        yield chunk({
          ...(event.text ? { reasoning_content: event.text } : {}),
          ...thoughts(event),
        });
        break;
      case 'tool_call_delta':
        if (!places.has(event.index)) places.set(event.index, calls++);
        yield chunk({ tool_calls: [toCallDelta(event, places.get(event.index) as number)] });
        break;
      case 'tool_call':
        if (event.told) break;
        yield chunk({ tool_calls: [{ index: calls++, ...toCall(event.call) }] });
        break;
      case 'run':
        yield piece(write({}, null, {}, { planyard: event.run }));
        break;
      case 'more':
        reply = { ...reply, ...event.reply };
        ofChoice = { ...ofChoice, ...event.choice };
        given = event.usage ?? given;
        if (event.message) yield chunk(event.message);
        break;
      case 'usage':
        usage = event.usage;
        break;
      case 'finish': {
        const end = write({}, event.reason);
        const last =
          options.includeUsage && usage
            ? chunkEvent(frame, null, { reply, usage: toCompletionUsage(usage, given) })
            : '';
        yield lastPiece(end + last + DONE, usage);
      }
    }
}

/** A model's events as one completion. */
export async function* encodeWhole(
  events: AsyncIterable<AnswerEvent>,
  frame: CompletionFrame,
): AsyncIterable<RawPiece> {
  let content = '';
  let refusal = '';
  let reasoning = '';
  let usage: Usage | null = null;
  let finish = 'stop';
  let run: RunProgress | null = null;
  const more: Required<MoreFields> = { reply: {}, choice: {}, message: {}, usage: {} };
  const details: ReasoningDetail[] = [];
  const thoughts = gatherThoughts();
  const calls: ToolCall[] = [];
  const logprobs: Json[] = [];
  for await (const event of events)
    switch (event.type) {
      case 'text':
        content += event.text;
        logprobs.push(...tokensOf(event.logprobs));
        break;
      case 'refusal':
        refusal += event.text;
        break;
      case 'reasoning':
        reasoning += event.text;
        details.push(...(thoughts(event).reasoning_details ?? []));
        break;
      case 'tool_call_delta':
        break;
      case 'tool_call':
        calls.push(event.call);
        break;
      case 'run':
        // Steps are whole in the last one.
        if (!event.run.event) run = event.run;
        break;
      case 'usage':
        usage = event.usage;
        break;
      case 'more':
        Object.assign(more.reply, event.reply);
        Object.assign(more.choice, event.choice);
        Object.assign(more.message, event.message);
        Object.assign(more.usage, event.usage);
        break;
      case 'finish':
        finish = event.reason;
    }
  const message = {
    ...more.message,
    role: 'assistant',
    content: content === '' && (calls.length > 0 || refusal) ? null : content,
    refusal: refusal || null,
    ...(reasoning ? { reasoning_content: reasoning } : {}),
    ...(details.length > 0 ? { reasoning_details: details } : {}),
    ...(calls.length > 0 ? { tool_calls: calls.map(toCall) } : {}),
  };
  const choice = {
    ...more.choice,
    index: 0,
    message,
    logprobs: logprobs.length > 0 ? { content: logprobs, refusal: null } : null,
    finish_reason: finish,
  };
  const { id, created, model } = frame;
  const completion = {
    ...more.reply,
    id,
    object: 'chat.completion',
    created,
    model,
    choices: [choice],
    ...(usage ? { usage: toCompletionUsage(usage, more.usage) } : {}),
    ...(run ? { planyard: run } : {}),
  };
  yield lastPiece(JSON.stringify(completion), usage);
}

function toCall({ id, name, arguments: text, custom, more }: ToolCall) {
  if (custom) return { ...more, id, type: 'custom' as const, custom: { name, input: text } };
  return { ...more, id, type: 'function' as const, function: { name, arguments: text } };
}

/** Only its first piece says which call it is. */
function toCallDelta({ first, custom, ...call }: ToolCallDelta, index: number) {
  if (first) return { index, ...toCall({ ...call, ...(custom ? { custom } : {}) }) };
  return {
    index,
    ...(custom ? { custom: { input: call.arguments } } : { function: { arguments: call.arguments } }),
  };
}

type Thought = { text: string; signature?: string; redacted?: string };

/** A signature is of all the text since the last one, which came before it in pieces: who gives it back gives both. */
function gatherThoughts() {
  let text = '';
  return (event: Thought): { reasoning_details?: ReasoningDetail[] } => {
    text += event.text;
    if (!event.signature && !event.redacted) return {};
    const signed = text;
    text = '';
    if (event.redacted) return { reasoning_details: [{ type: 'reasoning.encrypted', data: event.redacted }] };
    return { reasoning_details: [{ type: 'reasoning.text', text: signed, signature: event.signature }] };
  };
}

function tokensOf(logprobs: Json | undefined): Json[] {
  if (logprobs === null || typeof logprobs !== 'object' || Array.isArray(logprobs)) return [];
  return Array.isArray(logprobs.content) ? logprobs.content : [];
}
