import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { errorReply } from './openai-replies.ts';
import { isBytes, type Reply } from './reply.ts';

/** A request as the server got it. */
export interface SeenRequest {
  path: string;
  body: { model: string; messages: { role: string; content: unknown }[]; tools?: unknown[] } & Record<
    string,
    unknown
  >;
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
  /** What clients of OpenAI's protocol take as base URL. */
  url: string;
  /** The same without `/v1`: what clients of the other protocols take. */
  origin: string;
  requests: SeenRequest[];
  /** Connections that were opened so far. */
  connections(): number;
  /** Replaces the script. */
  script(rules: Rule[]): void;
  close(): Promise<void>;
}

/** A server over real HTTP that plays a script in whatever protocol its replies are, and lists its models in each of them. A request that no rule fits is answered 500 with its prompt's beginning. */
export async function startModelServer(rules: Rule[] = [], models = ['scripted']): Promise<ModelServer> {
  let current = rules.map((rule) => ({ ...rule, used: 0 }));
  const requests: SeenRequest[] = [];
  const lists = listsOf(models);
  const http = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  let connections = 0;
  http.on('connection', () => {
    connections += 1;
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://server').pathname;
    if (request.method === 'GET') {
      const list = lists.find(([end]) => path.endsWith(end))?.[1];
      response.writeHead(list ? 200 : 404, { 'content-type': 'application/json' });
      response.end(JSON.stringify(list ?? {}));
      return;
    }
    const seen = await read(path, request, response);
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

  const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  return {
    url: `${origin}/v1`,
    origin,
    requests,
    connections: () => connections,
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

/** The end of a path, and what a GET of it answers. OpenAI's and Anthropic's lists differ in fields only. */
function listsOf(models: string[]): [string, unknown][] {
  return [
    [
      '/models',
      {
        object: 'list',
        data: models.map((id) => ({ id, object: 'model', type: 'model', display_name: id })),
        has_more: false,
        first_id: models[0] ?? null,
        last_id: models.at(-1) ?? null,
      },
    ],
    ['/api/tags', { models: models.map((name) => ({ name, model: name })) }],
    ['/api/version', { version: '0.40.0' }],
    [
      '/foundation-models',
      {
        modelSummaries: models.map((modelId) => ({
          modelId,
          modelArn: `arn:aws:bedrock:eu-west-1::foundation-model/${modelId}`,
          inferenceTypesSupported: ['ON_DEMAND'],
          modelLifecycle: { status: 'ACTIVE' },
        })),
      },
    ],
    [
      '/inference-profiles',
      { inferenceProfileSummaries: models.map((id) => ({ inferenceProfileId: `eu.${id}`, models: [] })) },
    ],
  ];
}

async function read(path: string, request: IncomingMessage, response: ServerResponse): Promise<SeenRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = JSON.parse(Buffer.concat(chunks).toString()) as SeenRequest['body'];
  return {
    path,
    body,
    // Anthropic and Bedrock have the system text apart.
    prompt: [
      ...(body.system === undefined ? [] : [body.system]),
      ...(body.messages ?? []).map(({ content }) => content),
    ]
      .map((content) => (typeof content === 'string' ? content : JSON.stringify(content)))
      .join('\n'),
    headers: request.headers,
    at: Date.now(),
    aborted: once(response, 'close').then(() => !response.writableFinished),
  };
}

async function send(response: ServerResponse, reply: Reply): Promise<void> {
  if (reply.status !== 0) {
    response.writeHead(reply.status, reply.headers);
    response.flushHeaders();
  }
  for (const piece of reply.pieces) {
    if (response.destroyed) return;
    if (piece === 'stall') return;
    if (piece === 'cut' || piece === 'reset') {
      end(response, piece);
      return;
    }
    if (isBytes(piece)) {
      response.write(piece);
      // Lets each piece leave as a packet of its own.
      await new Promise(setImmediate);
    } else if ('wait_ms' in piece) await wait(piece.wait_ms);
    else await piece.until;
  }
  response.end();
}

function end(response: ServerResponse, how: 'cut' | 'reset'): void {
  if (how === 'reset') response.socket?.resetAndDestroy();
  else response.destroy();
}
