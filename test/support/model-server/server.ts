import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { errorReply, type Reply } from './reply.ts';

/** A request as the server got it. */
export interface SeenRequest {
  body: { model: string; messages: { role: string; content: unknown }[]; tools?: unknown[] };
  /** The text of all messages. */
  prompt: string;
  headers: Record<string, unknown>;
  at: number;
  /** Settles when the connection of this request is over; true when the client left before the reply's end. */
  aborted: Promise<boolean>;
}

/** Answers the requests it fits, each with the next of its replies (the last one repeats), or with what a function makes of it. */
export interface Rule {
  when: string | RegExp | ((request: SeenRequest) => boolean);
  replies: Reply[] | ((request: SeenRequest) => Reply);
}

export interface ModelServer {
  /** What clients take as base URL. */
  url: string;
  requests: SeenRequest[];
  /** Replaces the script. */
  script(rules: Rule[]): void;
  close(): Promise<void>;
}

/** An OpenAI-compatible server over real HTTP that plays a script. A request that no rule fits is answered 500 with its prompt's beginning. */
export async function startModelServer(rules: Rule[] = [], models = ['scripted']): Promise<ModelServer> {
  let current = rules.map((rule) => ({ ...rule, used: 0 }));
  const requests: SeenRequest[] = [];
  const http = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url?.endsWith('/models')) {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ object: 'list', data: models.map((id) => ({ id, object: 'model' })) }));
      return;
    }
    const seen = await read(request, response);
    requests.push(seen);
    await send(response, replyTo(seen));
  }

  function replyTo(seen: SeenRequest): Reply {
    const rule = current.find(({ when }) =>
      typeof when === 'function'
        ? when(seen)
        : typeof when === 'string'
          ? seen.prompt.includes(when)
          : when.test(seen.prompt),
    );
    const reply =
      typeof rule?.replies === 'function'
        ? rule.replies(seen)
        : rule?.replies[Math.min(rule.used, rule.replies.length - 1)];
    if (!rule || !reply) return errorReply(500, `no rule for: ${seen.prompt.slice(0, 80)}`);
    rule.used += 1;
    return reply;
  }

  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/v1`,
    requests,
    script: (next) => {
      current = next.map((rule) => ({ ...rule, used: 0 }));
    },
    close: async () => {
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };
}

async function read(request: IncomingMessage, response: ServerResponse): Promise<SeenRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = JSON.parse(Buffer.concat(chunks).toString()) as SeenRequest['body'];
  return {
    body,
    prompt: body.messages
      .map(({ content }) => (typeof content === 'string' ? content : JSON.stringify(content)))
      .join('\n'),
    headers: request.headers,
    at: Date.now(),
    aborted: once(response, 'close').then(() => !response.writableFinished),
  };
}

async function send(response: ServerResponse, reply: Reply): Promise<void> {
  response.writeHead(reply.status, reply.headers);
  response.flushHeaders();
  for (const piece of reply.pieces) {
    if (response.destroyed) return;
    if (piece === 'stall') return;
    if (piece === 'cut') {
      response.destroy();
      return;
    }
    if (typeof piece === 'string' || Buffer.isBuffer(piece)) {
      response.write(piece);
      // Lets each piece leave as a packet of its own.
      await new Promise(setImmediate);
    } else if ('wait_ms' in piece) await wait(piece.wait_ms);
    else await piece.until;
  }
  response.end();
}
