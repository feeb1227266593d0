import { Agent, type Dispatcher, Response, fetch as undiciFetch } from 'undici';
import { ModelError } from '../model-error.ts';
import { type Ends, endsAtOnce } from './ends-at-once.ts';
import { replyBody } from './reply-body.ts';
import { type WholeReply, wholeReply } from './whole-reply.ts';

export interface ConnectionOptions {
  connect_timeout_ms: number;
  /** Bytes of one reply at most; 64 MiB by default. */
  max_reply_bytes?: number;
}

export interface PostOptions {
  headers: Record<string, string>;
  body: Buffer;
  signal: AbortSignal;
  connect_ms?: number | undefined;
}

/** Pooled connections to one provider, and the `fetch` over them that its SDK is given. */
export interface Connection {
  /** Makes one POST of JSON whose reply is streamed. Replies are checked as `fetch` checks them. */
  post(url: URL, options: PostOptions): Promise<Dispatcher.ResponseData>;
  /** The same, with the reply taken whole. */
  postWhole(url: URL, options: PostOptions): Promise<WholeReply>;
  fetch: typeof globalThis.fetch;
  /** What a `fetch` is given whose caller has less time for its connection. */
  within(connect_ms: number | undefined): Pick<RequestInit, 'dispatcher'>;
  close(): void;
}

export const MAX_REPLY_BYTES = 64 * 1024 * 1024;
/** What an endpoint of any of the protocols answers with. A page of a proxy or of a login is none of these. */
const REPLY_TYPES =
  /^(application\/([\w.-]+\+)?json|application\/x-ndjson|application\/vnd\.amazon\.eventstream|text\/event-stream|text\/plain)\b/;

/** A `fetch` that follows no redirect (the key and the prompt stay with the host that was configured), refuses replies of a foreign content type and ends replies over the cap. Throws `ModelError` for these. */
export function openConnection(provider: string, options: ConnectionOptions): Connection {
  const maxBytes = options.max_reply_bytes ?? MAX_REPLY_BYTES;
  const agent = new Agent({
    connect: { timeout: options.connect_timeout_ms },
    // All timeouts but that of connecting are policies of ours.
    headersTimeout: 0,
    bodyTimeout: 0,
    maxResponseSize: maxBytes,
  });
  const dispatcher = agent.compose(endsAtOnce);
  // The same, past the proxy that `compose` makes.
  const dispatch = endsAtOnce((asked, handler) => agent.dispatch(asked, handler));

  async function checkedFetch(...[input, init]: Parameters<typeof undiciFetch>) {
    const response = await undiciFetch(input, { dispatcher, ...init, redirect: 'manual' });
    const fault = replyFault(response.status, response.headers.get('content-type'), provider);
    if (fault) {
      await response.body?.cancel();
      throw fault;
    }
    if (!response.body) return response;
    const { status, statusText, headers } = response;
    return new Response(replyBody(response.body, provider, maxBytes), { status, statusText, headers });
  }

  const dispatched = (url: URL, { signal: until, ...rest }: PostOptions) =>
    ({ origin: url.origin, path: url.pathname + url.search, method: 'POST', until, ...rest }) as const;

  async function post(url: URL, options: PostOptions) {
    const reply = await dispatcher.request(dispatched(url, options));
    const fault = replyFault(reply.statusCode, typeOf(reply.headers), provider);
    if (!fault) return reply;
    reply.body.on('error', () => {}).destroy();
    throw fault;
  }

  async function postWhole(url: URL, options: PostOptions) {
    const reply = await wholeReply(dispatch, dispatched(url, options));
    const fault = replyFault(reply.statusCode, typeOf(reply.headers), provider);
    if (fault) throw fault;
    return reply;
  }

  function within(connect_ms: number | undefined) {
    if (connect_ms === undefined) return {};
    const hasty = dispatcher.compose((dispatch) => (options, handler) => {
      const limited: Dispatcher.DispatchOptions & Ends = { ...options, connect_ms };
      return dispatch(limited, handler);
    });
    return { dispatcher: hasty } as unknown as Pick<RequestInit, 'dispatcher'>;
  }

  return {
    post,
    postWhole,
    // The types of undici and of Node's own copy of it differ in name only.
    fetch: checkedFetch as unknown as typeof fetch,
    within,
    close: () => void dispatcher.destroy(),
  };
}

function typeOf(headers: WholeReply['headers']): string | null {
  const type = headers['content-type'];
  return typeof type === 'string' ? type : null;
}

/** What is wrong with a reply before its body is read: a redirect, or a content type of no API. */
export function replyFault(
  status: number,
  contentType: string | null | undefined,
  provider: string,
): ModelError | null {
  if (status >= 300 && status < 400)
    return new ModelError(
      'bad_reply',
      `${provider} answered ${status}, a redirect, which is not followed: set the base URL to where it leads`,
      { retryable: false },
    );
  if (status < 300 && contentType && !REPLY_TYPES.test(contentType.trim().toLowerCase()))
    return new ModelError(
      'bad_reply',
      `${provider} answered with ${contentType.slice(0, 100)}, not with JSON`,
    );
  return null;
}
