import { AsyncLocalStorage } from 'node:async_hooks';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { NodeHttpHandler, type NodeHttpHandlerOptions } from '@smithy/node-http-handler';
import { ModelError } from '../../model-error.ts';
import { type ConnectionOptions, MAX_REPLY_BYTES, replyFault } from '../connection.ts';
import { type Ends, tooLate } from '../ends-at-once.ts';
import { tooLarge } from '../reply-body.ts';

type Asked = Parameters<NodeHttpHandler['handle']>;

/** Pooled HTTP/1.1 connections with the same care as `openConnection`: no redirect is followed, no foreign content type taken, no reply over the cap. The SDK's default speaks HTTP/2, which endpoints over plain http do not. */
export function openHandler(options: ConnectionOptions & { name: string }): NodeHttpHandler {
  const { name, connect_timeout_ms, max_reply_bytes = MAX_REPLY_BYTES } = options;
  /** Milliseconds that the caller of a request gives its connection. */
  const callers = new AsyncLocalStorage<number | undefined>();

  // The SDK's own timer ends with TCP's handshake: TLS comes after it.
  function inTime<A extends HttpAgent>(agent: A): A {
    const connect = agent.createConnection.bind(agent);
    agent.createConnection = (...args) => {
      const socket = connect(...args) as Socket;
      const own = callers.getStore() ?? connect_timeout_ms;
      const late =
        own < connect_timeout_ms
          ? tooLate(own)
          : new ModelError('timeout', `${name} could not be connected to within ${connect_timeout_ms} ms`);
      const timer = setTimeout(() => socket.destroy(late), Math.min(own, connect_timeout_ms));
      const stop = () => clearTimeout(timer);
      return socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', stop).once('close', stop);
    };
    return agent;
  }

  const pool = { keepAlive: true, maxSockets: Number.POSITIVE_INFINITY };
  return new CheckedHandler(name, max_reply_bytes, callers, {
    // Zero turns the SDK's defaults off: all timeouts but that of connecting are policies of ours, and so are limits.
    connectionTimeout: 0,
    requestTimeout: 0,
    socketTimeout: 0,
    httpAgent: inTime(new HttpAgent(pool)),
    httpsAgent: inTime(new HttpsAgent(pool)),
  });
}

class CheckedHandler extends NodeHttpHandler {
  readonly #provider: string;
  readonly #maxBytes: number;
  readonly #callers: AsyncLocalStorage<number | undefined>;

  constructor(
    provider: string,
    maxBytes: number,
    callers: AsyncLocalStorage<number | undefined>,
    options: NodeHttpHandlerOptions,
  ) {
    super(options);
    this.#provider = provider;
    this.#maxBytes = maxBytes;
    this.#callers = callers;
  }

  override async handle(request: Asked[0], ends: Asked[1] & Pick<Ends, 'connect_ms'>) {
    const { response } = await this.#callers.run(ends?.connect_ms, () => super.handle(request, ends));
    const { statusCode, headers, body } = response;
    const fault = replyFault(statusCode, headers['content-type'], this.#provider);
    if (fault) {
      body.destroy();
      throw fault;
    }
    response.body = Readable.from(capped(body, this.#maxBytes, this.#provider), { objectMode: false });
    return { response };
  }
}

async function* capped(
  body: AsyncIterable<Buffer>,
  maxBytes: number,
  provider: string,
): AsyncIterable<Buffer> {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge(provider);
    yield chunk;
  }
}
