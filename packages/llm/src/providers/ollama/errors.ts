import type { ModelError } from '../../model-error.ts';
import { fromErrorReply, retryAfterOf } from '../failures.ts';

/** Ollama's errors are `{"error": "text"}`, as a reply or as a line of a stream. */
export function toError(
  provider: string,
  status: number | undefined,
  body: unknown,
  reply?: Response,
): ModelError {
  const error = body !== null && typeof body === 'object' && 'error' in body ? body.error : body;
  return fromErrorReply(provider, {
    status,
    code: null,
    text: typeof error === 'string' && error !== '' ? error : `status ${status ?? 'unknown'}`,
    retryAfter: retryAfterOf((name) => reply?.headers.get(name)),
  });
}

/** Throws what an error reply says. */
export async function refuse(provider: string, reply: Response): Promise<never> {
  const text = await reply.text();
  let body: unknown = text;
  try {
    body = JSON.parse(text);
  } catch {
    // A proxy in between answers in its own words.
  }
  throw toError(provider, reply.status, body, reply);
}
