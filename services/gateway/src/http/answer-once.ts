import { faultsOf, PlanyardError } from '@planyard/contracts';
import type { Request } from 'express';
import { z } from 'zod';
import type { Principal } from '../auth/principal.ts';
import { type Idempotency, IdempotencyKey } from './idempotency.ts';
import type { Reply } from './reply.ts';
import { within } from './within.ts';

/** Answers a request, or gives the reply again that its idempotency key got before. `request` is what makes it the same one, besides its path; asked only where there is a key. */
export type AnswerOnce = (
  request: () => (string | Buffer)[],
  answer: () => Promise<Reply | null>,
) => Promise<Reply | null>;

/** The headers of every POST. */
export const IdempotencyHeaders = z.object({
  'idempotency-key': IdempotencyKey.optional().meta({
    description: 'A repeated request with this key within 24 hours gets the first one’s reply',
  }),
});

/** How a POST of that user is answered once for its key; without a key it is answered each time. Throws `invalid_request` for what is no key. */
export function answerOnce(
  req: Request,
  { tenant, user }: Pick<Principal, 'tenant' | 'user'>,
  idempotency: Idempotency,
): AnswerOnce {
  const parsed = IdempotencyHeaders.safeParse(req.headers);
  if (!parsed.success) {
    const errors = faultsOf(parsed.error, 'header');
    throw new PlanyardError('invalid_request', `${errors[0]?.path}: ${errors[0]?.message}`, { errors });
  }
  const key = parsed.data['idempotency-key'];
  if (key === undefined) return (_request, answer) => answer();
  return async (request, answer) => {
    const begun = await within(
      2_000,
      'Redis',
      idempotency.begin(`${tenant}:${user}`, key, [req.originalUrl, ...request()]),
    );
    if ('body' in begun) {
      const { status, headers, body } = begun;
      const again = { ...headers, 'Idempotency-Replayed': 'true' };
      return { status, headers: again, ...(body.length > 0 ? { body: JSON.parse(body.toString()) } : {}) };
    }
    try {
      const reply = await answer();
      const { status = 200, headers = {}, body } = reply ?? {};
      // What the handler wrote itself nobody can give again.
      if (reply !== null && status < 400)
        begun.keep({ status, headers, body: Buffer.from(body === undefined ? '' : JSON.stringify(body)) });
      return reply;
    } finally {
      await begun.end();
    }
  };
}
