import { Readable } from 'node:stream';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { type ConnectionOptions, MAX_REPLY_BYTES, replyFault } from '../connection.ts';
import { tooLarge } from '../reply-body.ts';

/** Pooled HTTP/1.1 connections with the same care as `openConnection`: no redirect is followed, no foreign content type taken, no reply over the cap. The SDK's default speaks HTTP/2, which endpoints over plain http do not. */
export function openHandler(options: ConnectionOptions & { name: string }): NodeHttpHandler {
  const { name, connect_timeout_ms, max_reply_bytes = MAX_REPLY_BYTES } = options;
  return new CheckedHandler(name, max_reply_bytes, {
    connectionTimeout: connect_timeout_ms,
    // Zero turns the SDK's defaults off: all timeouts but that of connecting are policies of ours, and so are limits.
    requestTimeout: 0,
    socketTimeout: 0,
    httpAgent: { maxSockets: Number.POSITIVE_INFINITY },
    httpsAgent: { maxSockets: Number.POSITIVE_INFINITY },
  });
}

class CheckedHandler extends NodeHttpHandler {
  readonly #provider: string;
  readonly #maxBytes: number;

  constructor(provider: string, maxBytes: number, options: ConstructorParameters<typeof NodeHttpHandler>[0]) {
    super(options);
    this.#provider = provider;
    this.#maxBytes = maxBytes;
  }

  override async handle(...args: Parameters<NodeHttpHandler['handle']>) {
    const { response } = await super.handle(...args);
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
