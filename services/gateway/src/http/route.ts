import { type ErrorCode, type Fault, faultsOf, PlanyardError, type Scope } from '@planyard/contracts';
import type { Logger } from '@planyard/runtime';
import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { Principal } from '../auth/principal.ts';
import type { AnswerOnce } from './answer-once.ts';
import type { Reply } from './reply.ts';

/** What every handler gets. */
interface RequestContext {
  /** Null only on public routes. */
  principal: Principal | null;
  requestId: string;
  log: Logger;
  /** Aborted when the client has left, and at shutdown. */
  signal: AbortSignal;
  /** For a body that the handler reads itself: answers it once for its idempotency key. Of other POSTs that is done already. */
  once: AnswerOnce;
  req: Request;
  res: Response;
}

/** A request as it came, not yet parsed. */
export interface RawRequest extends RequestContext {
  params: unknown;
  query: unknown;
  body: unknown;
}

/** What the handler of a route with these schemas gets. */
interface ParsedRequest<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType>
  extends RequestContext {
  principal: Principal;
  params: z.output<P>;
  query: z.output<Q>;
  body: z.output<B>;
}

export interface ReplyDoc {
  description: string;
  /** Of `application/json`. */
  schema?: z.ZodType;
  /** Other media types with this status. */
  also?: Record<string, z.ZodType>;
}

/** What of a route is said in `/openapi.json` and drives its registration. */
export interface RouteDoc {
  method: 'get' | 'post' | 'delete';
  /** As OpenAPI writes it: `/v1/runs/{id}`. */
  path: string;
  /** `operationId`, and the route's name in logs. */
  id: string;
  summary: string;
  tag: string;
  /** The scope a key needs; a `public` route needs no key and is not rate limited. */
  access: Scope | 'public';
  params?: z.ZodObject;
  query?: z.ZodObject;
  headers?: z.ZodObject;
  /** A JSON body; one over `limit` bytes (`limitWithImages` where messages carry images) is refused. */
  body?: { schema: z.ZodType; required: boolean; limit: number; limitWithImages?: number };
  /** A body that the handler reads itself, by its media type. */
  stream?: { type: string; schema: z.ZodType };
  replies: Record<number, ReplyDoc>;
  /** Errors are said as OpenAI's API says them, not as problem details. */
  errorShape?: 'openai';
  /** Every POST takes an idempotency key. `own`: the handler keeps to it by itself. */
  idempotency?: 'own';
  /** What can go wrong besides what can on every route. */
  errors?: ErrorCode[];
  /** Milliseconds until the caller gets `unavailable`; null where the handler bounds itself: streams, waits, uploads. */
  timeoutMs?: number | null;
}

/** One line of the route table. */
export interface Route extends RouteDoc {
  answer(request: RawRequest): Promise<Reply | null>;
}

interface RouteSpec<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType> extends RouteDoc {
  params?: P;
  query?: Q;
  body?: { schema: B; required: boolean; limit: number; limitWithImages?: number };
  handle(request: ParsedRequest<P, Q, B>): Promise<Reply | null>;
}

type Nothing = z.ZodObject<Record<never, never>>;

/** A route whose handler gets only what its schemas let through: 404 for a path, 400 with located faults for the rest. */
export function defineRoute<
  P extends z.ZodObject = Nothing,
  Q extends z.ZodObject = Nothing,
  B extends z.ZodType = z.ZodUndefined,
>({ handle, ...doc }: RouteSpec<P, Q, B>): Route {
  return {
    ...doc,
    answer: (raw) =>
      handle({
        ...raw,
        principal: raw.principal ?? nobody,
        params: parseOr('not_found', doc.params, raw.params, ''),
        query: parseOr('invalid_request', doc.query, raw.query, 'query'),
        body: parseOr('invalid_request', doc.body?.schema, raw.body, ''),
      }),
  };
}

const nobody: Principal = { tenant: '', user: '', key_id: '', scopes: [], operator: false };

/** A body of tens of thousands has one cause. */
const TOLD_FAULTS = 100;

/** What the schema makes of the value, or an error with the place of every fault, of the first hundred. Without a schema, nothing is passed on. */
export function parseOr<S extends z.ZodType>(
  code: 'not_found' | 'invalid_request',
  schema: S | undefined,
  value: unknown,
  root: string,
): z.output<S> {
  if (!schema) return undefined as z.output<S>;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  if (code === 'not_found') throw new PlanyardError(code, `Nothing here has the id ${namedBy(value)}`);
  const errors: Fault[] = faultsOf(parsed.error, root);
  throw new PlanyardError(code, summaryOf(errors), { errors: errors.slice(0, TOLD_FAULTS) });
}

/** The parts of a path, short enough to be said back. */
function namedBy(parts: unknown): string {
  return Object.values(parts ?? {})
    .join(', ')
    .slice(0, 100);
}

function summaryOf(errors: Fault[]): string {
  const [first] = errors;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  return first ? `${first.path}: ${first.message}${more}` : 'The request is not valid';
}
