import { type ErrorCode, type Fault, PlanyardError, type Usage } from '@planyard/contracts';
import type { LimitStanding } from './policies/limits.ts';

export const MODEL_ERROR_KINDS = [
  'connection',
  'timeout',
  'deadline',
  'rate_limited',
  'server',
  'bad_reply',
  'auth',
  'quota',
  'model_not_found',
  'bad_request',
  'context_overflow',
  'breaker_open',
  'limited',
  'cancelled',
] as const;
export type ModelErrorKind = (typeof MODEL_ERROR_KINDS)[number];

interface KindInfo {
  code: ErrorCode;
  /** The same call may succeed a little later. */
  retryable: boolean;
  /** The provider is to blame: what a breaker counts. */
  counts: boolean;
}

const KINDS: Record<ModelErrorKind, KindInfo> = {
  connection: { code: 'model_unavailable', retryable: true, counts: true },
  timeout: { code: 'timeout', retryable: true, counts: true },
  // The caller's, not the provider's: whatever is asked of it takes longer than no time at all.
  deadline: { code: 'timeout', retryable: false, counts: false },
  rate_limited: { code: 'model_failed', retryable: true, counts: true },
  server: { code: 'model_failed', retryable: true, counts: true },
  bad_reply: { code: 'model_bad_reply', retryable: true, counts: true },
  auth: { code: 'model_refused', retryable: false, counts: false },
  // The account is used up: it does not recover by waiting a little.
  quota: { code: 'model_refused', retryable: false, counts: false },
  model_not_found: { code: 'model_refused', retryable: false, counts: false },
  bad_request: { code: 'model_refused', retryable: false, counts: false },
  context_overflow: { code: 'model_refused', retryable: false, counts: false },
  // A limit of ours, not the provider's.
  limited: { code: 'rate_limited', retryable: true, counts: false },
  breaker_open: { code: 'model_unavailable', retryable: false, counts: false },
  cancelled: { code: 'aborted', retryable: false, counts: false },
};

interface ModelErrorOptions {
  cause?: unknown;
  /** Seconds after which a retry makes sense. */
  retryAfter?: number;
  /** false where this very error stays whatever its kind says: a certificate that has expired. */
  retryable?: boolean;
  /** What is wrong with the request, where that is known. */
  errors?: Fault[] | undefined;
  /** What the call used before it failed, where that was told and nothing was passed on. */
  usage?: Usage;
  /** What the caller asked for made it fail. */
  byCaller?: boolean;
  /** The provider is well all the same: it gave a whole reply. */
  healthy?: boolean;
  /** Where the limit stands that refused the call. */
  standing?: LimitStanding;
}

/** A failed model call. `kind` is the `error_type` of the metrics; the code is what callers see. */
export class ModelError extends PlanyardError {
  readonly kind: ModelErrorKind;
  readonly standing: LimitStanding | undefined;
  readonly usage: Usage | undefined;
  /** The caller left, or gave it less time than the settings do: it says nothing about the provider. */
  readonly byCaller: boolean;
  readonly healthy: boolean;

  constructor(kind: ModelErrorKind, message: string, options: ModelErrorOptions = {}) {
    super(KINDS[kind].code, message, { ...options, retryable: options.retryable ?? KINDS[kind].retryable });
    this.name = 'ModelError';
    this.kind = kind;
    this.standing = options.standing;
    this.usage = options.usage;
    this.byCaller = kind === 'cancelled' || kind === 'deadline' || (options.byCaller ?? false);
    this.healthy = options.healthy ?? false;
  }

  /** The same, with what the call has used. */
  using(usage: Usage): ModelError {
    const { retryAfter, retryable, errors, byCaller, healthy, standing } = this;
    return new ModelError(this.kind, this.message, {
      cause: this,
      retryable,
      errors,
      byCaller,
      healthy,
      usage,
      ...(retryAfter === undefined ? {} : { retryAfter }),
      ...(standing ? { standing } : {}),
    });
  }

  /** Whether this says that something is wrong with the provider's health. */
  get counts(): boolean {
    return KINDS[this.kind].counts && !this.byCaller && !this.healthy;
  }
}

/** Any thrown value as a ModelError; a caller's abort is `cancelled`, and what a caller did wrong `bad_request`. */
export function toModelError(thrown: unknown, signal?: AbortSignal): ModelError {
  if (thrown instanceof ModelError) return thrown;
  if (signal?.aborted) {
    if (signal.reason instanceof ModelError) return signal.reason;
    return new ModelError('cancelled', 'the call was cancelled', { cause: signal.reason });
  }
  if (thrown instanceof PlanyardError && thrown.status < 500)
    return new ModelError('bad_request', thrown.message, { cause: thrown, errors: thrown.errors });
  return new ModelError('bad_reply', 'the model call failed', { cause: thrown });
}
