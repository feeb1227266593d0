import { Agent, type Dispatcher, fetch as undiciFetch } from 'undici';
import { ModelError } from '../model-error.ts';

export interface ConnectionOptions {
  connect_timeout_ms: number;
  /** Bytes of one reply at most; 64 MiB by default. */
  max_reply_bytes?: number;
}

/** Pooled connections to one provider, and the `fetch` over them that its SDK is given. */
export interface Connection {
  /** Makes one POST of JSON. Replies are checked as `fetch` checks them. */
  post(
    url: URL,
    options: { headers: Record<string, string>; body: Buffer; signal: AbortSignal },
  ): Promise<Dispatcher.ResponseData>;
  fetch: typeof globalThis.fetch;
  close(): void;
}

const MAX_REPLY_BYTES = 64 * 1024 * 1024;
/** What an endpoint of any of the protocols answers with. A page of a proxy or of a login is none of these. */
const REPLY_TYPES = /^(application\/([\w.-]+\+)?json|application\/x-ndjson|text\/event-stream|text\/plain)\b/;

/** A `fetch` that follows no redirect (the key and the prompt stay with the host that was configured), refuses replies of a foreign content type and ends replies over the cap. Throws `ModelError` for these. */
export function openConnection(provider: string, options: ConnectionOptions): Connection {
  const dispatcher = new Agent({
    connect: { timeout: options.connect_timeout_ms },
    // All timeouts but that of connecting are policies of ours.
    headersTimeout: 0,
    bodyTimeout: 0,
    maxResponseSize: options.max_reply_bytes ?? MAX_REPLY_BYTES,
  });

  async function checkedFetch(...[input, init]: Parameters<typeof undiciFetch>) {
    const response = await undiciFetch(input, { ...init, dispatcher, redirect: 'manual' });
    const fault = faultOf(response.status, response.headers.get('content-type'), provider);
    if (!fault) return response;
    await response.body?.cancel();
    throw fault;
  }

  async function post(
    url: URL,
    { headers, body, signal }: { headers: Record<string, string>; body: Buffer; signal: AbortSignal },
  ) {
    const path = url.pathname + url.search;
    const reply = await dispatcher.request({
      origin: url.origin,
      path,
      method: 'POST',
      headers,
      body,
      signal,
    });
    const type = reply.headers['content-type'];
    const fault = faultOf(reply.statusCode, typeof type === 'string' ? type : null, provider);
    if (!fault) return reply;
    reply.body.on('error', () => {}).destroy();
    throw fault;
  }

  return {
    post,
    // The types of undici's fetch and of the global one differ in name only.
    fetch: checkedFetch as unknown as typeof fetch,
    close: () => void dispatcher.destroy(),
  };
}

function faultOf(status: number, type: string | null, provider: string): ModelError | null {
  if (status >= 300 && status < 400)
    return new ModelError(
      'bad_reply',
      `${provider} answered ${status}, a redirect, which is not followed: set the base URL to where it leads`,
      { retryable: false },
    );
  if (status >= 200 && status < 300 && type && !REPLY_TYPES.test(type.trim().toLowerCase()))
    return new ModelError('bad_reply', `${provider} answered with ${type.slice(0, 100)}, not with JSON`);
  return null;
}
