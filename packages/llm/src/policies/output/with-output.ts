import { Usage } from '@planyard/contracts';
import type { ChatEvent, ChatMessage, ChatRequest, OutputSpec } from '../../contract.ts';
import { ModelError } from '../../model-error.ts';
import type { CheckOutput } from './check-output.ts';

export interface OutputContext {
  /** Whether the model keeps to a schema by itself. */
  native: boolean;
  check: CheckOutput;
}

/**
 * JSON that fits `request.output`, whatever the model can: by itself where it can; else as the call of a tool, or by
 * instruction where the request has tools of its own, checked and mended once. What had to be checked comes in one piece.
 * Throws `bad_reply` for what does not fit then.
 */
export async function* withOutput(
  request: ChatRequest,
  ask: (request: ChatRequest) => AsyncIterable<ChatEvent>,
  { native, check }: OutputContext,
): AsyncIterable<ChatEvent> {
  const { output } = request;
  if (!output || native) return yield* ask(request);
  const asked =
    output.schema.type === 'object' && !request.tools?.length
      ? asTool(request, output)
      : asText(request, output);
  const first = await read(ask(asked), output);
  if (first.passes) return yield* first.events;
  const faults = check(first.json, output.schema);
  if (faults.length === 0) return yield* asEvents(first.json, first.usage);
  const second = await read(ask(mended(request, output, first.json, faults)), output);
  const left = check(second.json, output.schema);
  if (left.length > 0)
    throw new ModelError('bad_reply', `the reply does not fit the output schema: ${left.join('; ')}`, {
      // It was asked twice already; another model may do better.
      retryable: false,
    });
  yield* asEvents(second.json, sum(first.usage, second.usage));
}

interface Reply {
  /** A reply that is no output: a call of the request's own tools, or one that was cut short or refused. */
  passes: boolean;
  events: ChatEvent[];
  json: string;
  usage: Usage | null;
}

async function read(events: AsyncIterable<ChatEvent>, output: OutputSpec): Promise<Reply> {
  const reply: Reply = { passes: false, events: [], json: '', usage: null };
  let text = '';
  for await (const event of events) {
    reply.events.push(event);
    if (event.type === 'text') text += event.text;
    if (event.type === 'usage') reply.usage = event.usage;
    if (event.type === 'tool_call' && event.call.name === output.name) reply.json = event.call.arguments;
    else if (event.type === 'tool_call') reply.passes = true;
    if (event.type === 'finish' && (event.reason === 'length' || event.reason === 'content_filter'))
      reply.passes = true;
  }
  reply.json ||= unfenced(text);
  return reply;
}

function* asEvents(json: string, usage: Usage | null): Iterable<ChatEvent> {
  yield { type: 'text', text: json };
  if (usage) yield { type: 'usage', usage };
  yield { type: 'finish', reason: 'stop' };
}

function asTool(request: ChatRequest, { name, schema }: OutputSpec): ChatRequest {
  const { output: _output, ...rest } = request;
  const tool = {
    name,
    description: 'Gives the answer. Call it once, with the whole answer.',
    parameters: schema,
  };
  return { ...rest, tools: [tool], tool_choice: { name }, parallel_tool_calls: false };
}

function asText(request: ChatRequest, { schema }: OutputSpec): ChatRequest {
  const { output: _output, ...rest } = request;
  const content = `Answer with one JSON value that fits this JSON Schema, and with nothing else:\n${JSON.stringify(schema)}`;
  return { ...rest, messages: [{ role: 'system', content }, ...request.messages] };
}

function mended(request: ChatRequest, output: OutputSpec, json: string, faults: string[]): ChatRequest {
  const asked = asText(request, output);
  const messages: ChatMessage[] = [
    ...asked.messages,
    { role: 'assistant', content: json || '(nothing)' },
    {
      role: 'user',
      content: `That does not fit the schema: ${faults.join('; ')}. Answer again with JSON that fits.`,
    },
  ];
  return { ...asked, messages, ...(request.tools?.length ? { tool_choice: 'none' as const } : {}) };
}

/** Models like to put JSON into a fenced block. */
function unfenced(text: string): string {
  return /^\s*```(?:json)?\s*\n(.*?)\n?```\s*$/s.exec(text)?.[1] ?? text.trim();
}

function sum(one: Usage | null, other: Usage | null): Usage | null {
  if (!one || !other) return null;
  const both = Object.entries(Usage.parse({})).map(([name, zero]) => {
    const key = name as keyof Usage;
    return [key, typeof zero === 'number' ? Number(one[key]) + Number(other[key]) : one[key] || other[key]];
  });
  return Usage.parse(Object.fromEntries(both));
}
