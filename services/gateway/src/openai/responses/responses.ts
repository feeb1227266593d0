import { type JsonObject, ResponsesRequest } from '@planyard/contracts';
import type { ChatEvent, ChatRequest } from '@planyard/llm';
import { errorAtTheDoor } from '../../http/problem-reply.ts';
import { parseOr } from '../../http/route.ts';
import type { AskModel } from '../ask-model.ts';
import { defined } from '../defined.ts';
import { errorReply } from '../error-reply.ts';
import type { Exchange } from '../exchange.ts';
import type { Endpoint } from '../openai-api.ts';
import { ANY_OBJECT, toOutput } from '../output-format.ts';
import { parseJson } from '../read-body.ts';
import { sendEvents, sendJson } from '../reply.ts';
import { modelEvents } from '../run/run-answer.ts';
import { effortOf } from '../sampling.ts';
import type { ResponseItems } from './response-items.ts';
import { createResponseWriter, type ResponseBase, type ResponseWriter } from './response-writer.ts';
import { toMessages } from './to-messages.ts';

export interface ResponsesDeps {
  ask: AskModel;
  items: ResponseItems;
  now: () => number;
}

export function responses(deps: ResponsesDeps): Endpoint {
  return {
    method: 'POST',
    path: '/v1/responses',
    async answer(exchange) {
      const body = parseOr('invalid_request', ResponsesRequest, parseJson(exchange.body), '');
      const request = await toRequest(body, exchange, deps.items);
      const events = modelEvents(deps.ask(exchange, body.model, request));
      const writer = createResponseWriter(baseOf(body, exchange.requestId, deps.now()));
      const keep = async () => {
        if (body.store !== false) await deps.items.keep(exchange.principal, writer.response().output);
      };
      if (body.stream === true) {
        await sendEvents(exchange, stream(events, writer, keep), (thrown) => {
          const { code, message } = errorReply(errorAtTheDoor(thrown)).body.error;
          return writer
            .fail({ code: code ?? 'server_error', message })
            .map(toSse)
            .join('');
        });
        return;
      }
      for await (const event of events) writer.take(event);
      await keep();
      sendJson(exchange, writer.response());
    },
  };
}

/** Fields with a place of their own in a `ChatRequest`, that say how the reply travels, or that chat completions do not have. */
const KNOWN = new Set([
  'model',
  'input',
  'instructions',
  'stream',
  'stream_options',
  'store',
  'previous_response_id',
  'conversation',
  'background',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'max_tool_calls',
  'text',
  'reasoning',
  'max_output_tokens',
  'temperature',
  'top_p',
  'metadata',
  'include',
  'truncation',
]);

/** What is passed on as it is, and log probabilities, which a chat completion asks for in another way. */
function extraOf(body: ResponsesRequest): JsonObject {
  const fields = Object.entries(body).filter(([name, value]) => value !== undefined && !KNOWN.has(name));
  const { include, top_logprobs: top } = body;
  const told = Array.isArray(include) && include.includes('message.output_text.logprobs');
  const effort = body.reasoning?.effort;
  return {
    ...(Object.fromEntries(fields) as JsonObject),
    ...(told || typeof top === 'number' ? { logprobs: true } : {}),
    ...(effort && effortOf(effort) === undefined ? { reasoning_effort: effort } : {}),
  };
}

async function toRequest(
  body: ResponsesRequest,
  { principal }: Exchange,
  items: ResponseItems,
): Promise<ChatRequest> {
  const { tool_choice: choice, text, reasoning } = body;
  const format = text?.format;
  return {
    messages: await toMessages(body, (id) => items.find(principal, id)),
    stream: body.stream === true,
    extra: extraOf(body),
    ...defined({
      tools: body.tools?.map(({ name, description, parameters, strict }) => ({
        name,
        description: description ?? '',
        parameters: parameters ?? { type: 'object', properties: {} },
        ...(strict ? { strict } : {}),
      })),
      tool_choice: typeof choice === 'string' ? choice : choice ? { name: choice.name } : undefined,
      parallel_tool_calls: body.parallel_tool_calls ?? undefined,
      output:
        format?.type === 'json_schema'
          ? toOutput(format)
          : format?.type === 'json_object'
            ? ANY_OBJECT
            : undefined,
      temperature: body.temperature ?? undefined,
      top_p: body.top_p ?? undefined,
      max_tokens: body.max_output_tokens ?? undefined,
      reasoning_effort: effortOf(reasoning?.effort),
    }),
  };
}

/** Nothing is sent before the model's first word: until then a failure has a status of its own. */
async function* stream(
  events: AsyncIterable<ChatEvent>,
  writer: ResponseWriter,
  keep: () => Promise<void>,
): AsyncIterable<string> {
  let begun = false;
  for await (const event of events) {
    // What the last event says is kept must be there when the client reads it.
    const out = [...(begun ? [] : writer.begin()), ...writer.take(event)];
    begun = true;
    if (event.type === 'finish') await keep();
    yield out.map(toSse).join('');
  }
}

function toSse(event: { type: string }): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** What a response repeats of its request. */
function baseOf(body: ResponsesRequest, requestId: string, nowMs: number): ResponseBase {
  return {
    id: `resp_${requestId}`,
    object: 'response',
    created_at: Math.floor(nowMs / 1000),
    status: 'in_progress',
    background: false,
    error: null,
    incomplete_details: null,
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    metadata: body.metadata ?? {},
    model: body.model,
    parallel_tool_calls: body.parallel_tool_calls ?? true,
    previous_response_id: null,
    reasoning: { effort: body.reasoning?.effort ?? null, summary: null },
    store: body.store !== false,
    temperature: body.temperature ?? null,
    text: { format: body.text?.format ?? { type: 'text' } },
    tool_choice: body.tool_choice ?? 'auto',
    tools: body.tools ?? [],
    top_p: body.top_p ?? null,
    truncation: 'disabled',
    usage: null,
  };
}
