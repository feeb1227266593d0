import type { ErrorCode, OpenAiError, PlanyardError } from '@planyard/contracts';
import { ModelError, type ModelErrorKind } from '@planyard/llm';

interface Shape {
  status: number;
  type: string;
  code: string;
}

/** Where OpenAI has a word of its own for what went wrong; its clients decide by these. */
const SHAPES: Partial<Record<ErrorCode, Shape>> = {
  unauthorized: { status: 401, type: 'invalid_request_error', code: 'invalid_api_key' },
  unknown_model: { status: 404, type: 'invalid_request_error', code: 'model_not_found' },
  rate_limited: { status: 429, type: 'rate_limit_error', code: 'rate_limit_exceeded' },
  // Not 429: clients would ask again at once.
  budget_exceeded: { status: 402, type: 'insufficient_quota', code: 'budget_exceeded' },
};

/** What the caller can help is the caller's status; the rest is a gateway's (RFC 9110 §15.6). */
const KINDS: Partial<Record<ModelErrorKind, Shape>> = {
  bad_request: { status: 400, type: 'invalid_request_error', code: 'invalid_request' },
  context_overflow: { status: 400, type: 'invalid_request_error', code: 'context_length_exceeded' },
  model_not_found: { status: 404, type: 'invalid_request_error', code: 'model_not_found' },
  rate_limited: { status: 429, type: 'rate_limit_error', code: 'rate_limit_exceeded' },
};

export interface ErrorReply {
  status: number;
  body: OpenAiError;
}

/** An error in OpenAI's shape, with the status its clients expect. */
export function errorReply(error: PlanyardError): ErrorReply {
  const shape = (error instanceof ModelError && KINDS[error.kind]) || SHAPES[error.code] || usual(error);
  return {
    status: shape.status,
    body: {
      error: {
        message: error.message,
        type: shape.type,
        param: shape.code === 'model_not_found' ? 'model' : paramOf(error),
        code: providersCodeOf(error) ?? shape.code,
      },
    },
  };
}

/** The field that is wrong; null for the body as a whole. */
function paramOf({ errors = [] }: PlanyardError): string | null {
  const [fault] = errors;
  return fault === undefined || fault.path === '(root)' ? null : fault.path;
}

/** What the provider calls the fault of a request; its clients know these words. */
function providersCodeOf(error: PlanyardError): string | undefined {
  const isProviders =
    error instanceof ModelError && error.kind === 'bad_request' && error.cause === undefined;
  return isProviders ? error.errors?.[0]?.code : undefined;
}

function usual({ status, code }: PlanyardError): Shape {
  return { status, code, type: status < 500 ? 'invalid_request_error' : 'server_error' };
}
