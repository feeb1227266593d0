import { ResponsesRequest } from '@planyard/contracts';
import type { ChatEvent } from '@planyard/llm';
import { errorAtTheDoor } from '../../http/problem-reply.ts';
import { parseOr } from '../../http/route.ts';
import type { AskModel } from '../ask-model.ts';
import { errorReply } from '../error-reply.ts';
import type { Endpoint } from '../openai-api.ts';
import { parseJson } from '../read-body.ts';
import { sendEvents, sendJson } from '../reply.ts';
import { modelEvents } from '../run/run-answer.ts';
import { baseOf } from './response-base.ts';
import type { ResponseItems } from './response-items.ts';
import { createResponseWriter, type ResponseWriter } from './response-writer.ts';
import { toChatRequest } from './to-chat-request.ts';

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
      const request = await toChatRequest(body, (id) => deps.items.find(exchange.principal, id));
      const events = modelEvents(deps.ask(exchange, body.model, request));
      const writer = createResponseWriter(baseOf(body, deps.now()), deps.now);
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
