import type { IncomingHttpHeaders } from 'node:http';
import { faultsOf, PlanyardError } from '@planyard/contracts';
import type { OwnTimeouts } from '@planyard/llm';
import { z } from 'zod';
import { IdempotencyHeaders } from '../http/answer-once.ts';
import { defined } from './defined.ts';

const amount = z.coerce.number().positive().optional();
const ms = z.coerce.number().int().min(1).max(86_400_000).optional();

/** What a caller may say of a model call by header, so that clients which know only OpenAI's API can. */
export const CallHeaders = z.object({
  'x-planyard-route': z
    .string()
    .min(1)
    .max(300)
    .optional()
    .meta({ description: 'A route or `provider/model`, in place of the body’s `model`' }),
  'x-planyard-tags': z
    .string()
    .regex(/^[\w.:@/-]{1,64}( *, *[\w.:@/-]{1,64}){0,9}$/, 'up to 10 tags of letters, digits and _ . : @ / -')
    .optional()
    .meta({ description: 'Tags with commas between them: what `GET /v1/usage` counts by' }),
  'x-planyard-budget-usd': amount.meta({ description: 'USD that this call, or this run, may cost' }),
  'x-planyard-budget-tokens': amount.meta({ description: 'Tokens that this call, or this run, may use' }),
  'x-planyard-timeout-ms': ms.meta({
    description: 'Milliseconds that the call may take, all tries together; a run has its deadline there',
  }),
  'x-planyard-connect-timeout-ms': ms.meta({
    description:
      'Milliseconds to a connection to the model, of each try; the configured ones where they are less',
  }),
  'x-planyard-first-token-timeout-ms': ms.meta({
    description:
      'Milliseconds to the first token of a stream, of each try; the configured ones where they are less',
  }),
  'x-planyard-idle-timeout-ms': ms.meta({
    description: 'Milliseconds between two tokens of a stream; the configured ones where they are less',
  }),
  'x-planyard-cache': z
    .enum(['use', 'off'])
    .optional()
    .meta({ description: '`use`: a kept reply will do, whatever the temperature; `off`: none will' }),
  ...IdempotencyHeaders.shape,
});

export interface CallOptions {
  route: string | null;
  tags: string[];
  budget: { cost_usd?: number; tokens?: number };
  timeoutMs: number | null;
  /** Of each try, where they are shorter than the configured ones. */
  timeouts: OwnTimeouts;
  cache: 'use' | 'off' | undefined;
  idempotencyKey: string | null;
}

const NAMES = Object.keys(CallHeaders.shape);

const NONE: CallOptions = {
  route: null,
  tags: [],
  budget: {},
  timeoutMs: null,
  timeouts: {},
  cache: undefined,
  idempotencyKey: null,
};

/** Throws `invalid_request` naming the header. */
export function callOptionsOf(headers: IncomingHttpHeaders): CallOptions {
  if (!NAMES.some((name) => headers[name] !== undefined)) return NONE;
  const parsed = CallHeaders.safeParse(headers);
  if (!parsed.success) {
    const errors = faultsOf(parsed.error);
    throw new PlanyardError('invalid_request', `${errors[0]?.path}: ${errors[0]?.message}`, { errors });
  }
  const { data } = parsed;
  return {
    route: data['x-planyard-route'] ?? null,
    tags: data['x-planyard-tags']?.split(',').map((tag) => tag.trim()) ?? [],
    budget: defined({ cost_usd: data['x-planyard-budget-usd'], tokens: data['x-planyard-budget-tokens'] }),
    timeoutMs: data['x-planyard-timeout-ms'] ?? null,
    timeouts: defined({
      connect_ms: data['x-planyard-connect-timeout-ms'],
      first_token_ms: data['x-planyard-first-token-timeout-ms'],
      between_tokens_ms: data['x-planyard-idle-timeout-ms'],
    }),
    cache: data['x-planyard-cache'],
    idempotencyKey: data['idempotency-key'] ?? null,
  };
}
