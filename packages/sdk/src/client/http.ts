import { ERROR_CODES, OpenAiError, PlanyardError, Problem } from '@planyard/contracts';
import type { z } from 'zod';

export interface ClientOptions {
  /** Where the gateway is, such as `http://127.0.0.1:7420`. */
  baseUrl: string;
  apiKey: string;
  /** In place of the global one. */
  fetch?: typeof globalThis.fetch;
}

export interface CallOptions {
  query?: Record<string, string | number | undefined>;
  /** Sent as JSON. */
  body?: unknown;
  headers?: Record<string, string | undefined>;
  signal?: AbortSignal;
}

/** Calls the gateway; every failure is a PlanyardError. */
export interface Http {
  /** The response, whatever its media type. */
  open(method: string, path: string, options?: CallOptions & { stream?: ReadableStream }): Promise<Response>;
  /** The reply, checked against its schema. */
  json<S extends z.ZodType>(
    method: string,
    path: string,
    schema: S,
    options?: CallOptions,
  ): Promise<z.output<S>>;
}

export function createHttp({ baseUrl, apiKey, fetch = globalThis.fetch }: ClientOptions): Http {
  const base = baseUrl.replace(/\/+$/, '');

  const open: Http['open'] = async (method, path, { query, body, headers, signal, stream } = {}) => {
    const url = new URL(`${base}${path}`);
    for (const [name, value] of Object.entries(query ?? {}))
      if (value !== undefined) url.searchParams.set(name, String(value));
    const sent = new Headers({ authorization: `Bearer ${apiKey}`, accept: 'application/json' });
    if (body !== undefined) sent.set('content-type', 'application/json');
    for (const [name, value] of Object.entries(headers ?? {})) if (value !== undefined) sent.set(name, value);
    const response = await fetch(url, {
      method,
      headers: sent,
      signal,
      ...(stream
        ? { body: stream, duplex: 'half' }
        : body === undefined
          ? {}
          : { body: JSON.stringify(body) }),
    }).catch((cause: unknown) => {
      if (signal?.aborted) throw signal.reason;
      throw new PlanyardError('unavailable', `There is no answer from ${base}`, { cause });
    });
    if (!response.ok) throw await problemOf(response);
    return response;
  };

  return {
    open,
    async json(method, path, schema, options) {
      const response = await open(method, path, options);
      const parsed = schema.safeParse(await response.json().catch(() => undefined));
      if (parsed.success) return parsed.data;
      throw new PlanyardError('internal', `${base} answered something else than a Planyard gateway`, {
        cause: parsed.error,
      });
    },
  };
}

/** The error of a problem reply; its `cause` is the problem itself. What is no problem of ours keeps its status. */
async function problemOf(response: Response): Promise<PlanyardError> {
  const body: unknown = await response.json().catch(() => null);
  const problem = Problem.safeParse(body);
  // The paths of the OpenAI-compatible API say it in OpenAI's shape.
  const foreign = OpenAiError.safeParse(body);
  if (!problem.success)
    return new PlanyardError(
      codeOf(response.status),
      foreign.success
        ? foreign.data.error.message
        : `HTTP ${response.status} from ${new URL(response.url).host}`,
      {
        cause: body,
      },
    );
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
  const { code, title, detail, errors } = problem.data;
  return new PlanyardError(code, detail ?? title, {
    cause: body,
    ...(Number.isNaN(retryAfter) ? {} : { retryAfter }),
    ...(errors ? { errors } : {}),
  });
}

function codeOf(status: number): keyof typeof ERROR_CODES {
  const found = Object.entries(ERROR_CODES).find(([, info]) => info.status === status);
  return (found?.[0] as keyof typeof ERROR_CODES | undefined) ?? (status >= 500 ? 'unavailable' : 'internal');
}
