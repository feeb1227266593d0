import { type JsonObject, Usage } from '@planyard/contracts';
import type { ChatEvent, ChatMessage, ChatRequest, OutputSpec } from '../../contract.ts';
import { ModelError } from '../../model-error.ts';
import { countTokens } from '../../tokens/count-tokens.ts';
import { requestTokens } from '../../tokens/request-tokens.ts';
import { CHAT_METER } from '../meter.ts';
import { NO_USAGE } from '../record.ts';
import type { OutputTexts } from './output-texts.ts';
import type { OutputWay } from './output-ways.ts';

export interface OutputContext {
  /** How it is asked for first. */
  way: OutputWay;
  /** How to go on after that error; null: not at all. */
  after: (way: OutputWay, error: unknown) => OutputWay | null;
  /** The faults of a text as JSON of that schema. */
  check(text: string, schema: JsonObject): Promise<string[]>;
  texts: OutputTexts;
}

/**
 * JSON that fits `request.output`, whatever the model can: by itself where it can; else as the call of a tool, or by
 * instruction where the request has tools of its own. It is checked and mended once; what had to be mended, or was asked
 * for as a call, comes in one piece. A stream of a model that keeps to schemas by itself is checked at its end.
 * Throws `bad_reply` for what does not fit then. An endpoint that does not know a way is asked in the next one.
 */
export async function* withOutput(
  request: ChatRequest,
  ask: (request: ChatRequest) => AsyncIterable<ChatEvent>,
  context: OutputContext,
): AsyncIterable<ChatEvent> {
  const { output } = request;
  if (!output) return yield* ask(request);
  const mayCall = output.schema.type === 'object' && !request.tools?.length;
  let next: OutputWay | null = context.way;
  while (next !== null) {
    const way: OutputWay = next === 'call' && !mayCall ? 'text' : next;
    let passedOn = false;
    try {
      for await (const event of outputBy(way, request, output, ask, context)) {
        passedOn = true;
        yield event;
      }
      return;
    } catch (thrown) {
      next = passedOn ? null : context.after(way, thrown);
      if (next === null) throw thrown;
    }
  }
}

async function* outputBy(
  way: OutputWay,
  request: ChatRequest,
  output: OutputSpec,
  ask: (request: ChatRequest) => AsyncIterable<ChatEvent>,
  { check, texts }: Pick<OutputContext, 'check' | 'texts'>,
): AsyncIterable<ChatEvent> {
  const native = way === 'schema';
  const fit = (json: string) => check(json, output.schema);
  if (native && request.stream !== false) return yield* checkedAtEnd(ask(request), fit);
  const byTool = way === 'call';
  const asked = native ? request : byTool ? asTool(request, output, texts) : asText(request, output, texts);
  const tool = byTool ? output.name : null;
  // What is read to its end first is told whole: the call may be the output itself.
  const first = await read(ask({ ...asked, live_calls: false }), tool);
  if (first.passes) return yield* first.events;
  const faults = await fit(first.json);
  if (faults.length === 0)
    return yield* native && first.json === first.text ? first.events : asEvents(first.json, first.usage);
  const again = native ? request : asText(request, output, texts);
  const mend = mended(again, first.json, texts.mend(faults));
  const cost = await usedBy(asked, first);
  const second = await read(ask({ ...mend, live_calls: false }), tool).catch((thrown: unknown) => {
    throw thrown instanceof ModelError ? thrown.using(sum(cost, thrown.usage ?? NO_USAGE)) : thrown;
  });
  const used = sum(cost, await usedBy(mend, second));
  const left = await fit(second.json);
  if (left.length > 0) throw misfit(left).using(used);
  yield* asEvents(second.json, used);
}

/** Text is passed on as it comes: what does not fit ends in an error instead of a finish. */
async function* checkedAtEnd(
  events: AsyncIterable<ChatEvent>,
  fit: (json: string) => Promise<string[]>,
): AsyncIterable<ChatEvent> {
  let text = '';
  let passes = false;
  for await (const event of events) {
    if (event.type === 'text') text += event.text;
    if (event.type === 'tool_call' || event.type === 'tool_call_delta' || isBroken(event)) passes = true;
    if (event.type === 'finish' && !passes) {
      const faults = await fit(text);
      if (faults.length > 0) throw misfit(faults);
    }
    yield event;
  }
}

function misfit(faults: string[]): ModelError {
  return new ModelError('bad_reply', `the reply does not fit the output schema: ${faults.join('; ')}`, {
    // It was heard, or asked for twice already; another model may do better.
    retryable: false,
    // A schema that nothing fits would open the breaker for everybody.
    healthy: true,
  });
}

/** Whether a reply was cut short or refused. */
function isBroken(event: ChatEvent): boolean {
  if (event.type === 'refusal') return true;
  return event.type === 'finish' && (event.reason === 'length' || event.reason === 'content_filter');
}

interface Reply {
  /** A reply that is no output: a call of the request's own tools, or one that was cut short or refused. */
  passes: boolean;
  events: ChatEvent[];
  text: string;
  json: string;
  usage: Usage | null;
}

/** `tool`: the one whose call is the output. */
async function read(events: AsyncIterable<ChatEvent>, tool: string | null): Promise<Reply> {
  const reply: Reply = { passes: false, events: [], text: '', json: '', usage: null };
  for await (const event of events) {
    reply.events.push(event);
    if (event.type === 'text') reply.text += event.text;
    if (event.type === 'usage') reply.usage = event.usage;
    if (event.type === 'tool_call' && event.call.name === tool) reply.json = event.call.arguments;
    else if (event.type === 'tool_call') reply.passes = true;
    if (isBroken(event)) reply.passes = true;
  }
  reply.json ||= unfenced(reply.text);
  return reply;
}

function* asEvents(json: string, usage: Usage | null): Iterable<ChatEvent> {
  yield { type: 'text', text: json };
  if (usage) yield { type: 'usage', usage };
  yield { type: 'finish', reason: 'stop' };
}

function asTool(request: ChatRequest, { name, schema }: OutputSpec, texts: OutputTexts): ChatRequest {
  const { output: _output, ...rest } = request;
  const tool = {
    name,
    description: texts.asTool(),
    parameters: schema,
  };
  return { ...rest, tools: [tool], tool_choice: { name }, parallel_tool_calls: false };
}

function asText(request: ChatRequest, { schema }: OutputSpec, texts: OutputTexts): ChatRequest {
  const { output: _output, ...rest } = request;
  const content = texts.asText(JSON.stringify(schema));
  return { ...rest, messages: [{ role: 'system', content }, ...request.messages] };
}

function mended(asked: ChatRequest, json: string, content: string): ChatRequest {
  const messages: ChatMessage[] = [
    ...asked.messages,
    // No provider takes an empty one.
    { role: 'assistant', content: json || '""' },
    { role: 'user', content },
  ];
  return { ...asked, messages, ...(asked.tools?.length ? { tool_choice: 'none' as const } : {}) };
}

/** Models like to put JSON into a fenced block. */
function unfenced(text: string): string {
  return /^\s*```(?:json)?[^\S\n]*\n(.*?)\n?```\s*$/s.exec(text)?.[1] ?? text.trim();
}

/** What a try used, counted where its reply does not tell. */
async function usedBy(asked: ChatRequest, { usage, events }: Reply): Promise<Usage> {
  if (usage) return usage;
  const [input_tokens, output_tokens] = await Promise.all([
    requestTokens(asked),
    countTokens(CHAT_METER.text(events)),
  ]);
  return { ...NO_USAGE, input_tokens, output_tokens, estimated: true };
}

function sum(one: Usage, other: Usage): Usage {
  const both = Object.entries(NO_USAGE).map(([name, zero]) => {
    const key = name as keyof Usage;
    return [key, typeof zero === 'number' ? Number(one[key]) + Number(other[key]) : one[key] || other[key]];
  });
  return Usage.parse(Object.fromEntries(both));
}
