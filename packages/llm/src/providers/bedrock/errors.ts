import { z } from 'zod';
import { ModelError } from '../../model-error.ts';
import { fromErrorReply, fromThrown, retryAfterOf } from '../failures.ts';

/** What AWS's exceptions mean as HTTP says it: inside a stream they bring no status of their own, and some of their statuses say something else. */
const STATUS: Record<string, number> = {
  AccessDeniedException: 403,
  ExpiredTokenException: 403,
  InvalidSignatureException: 403,
  UnrecognizedClientException: 403,
  InternalServerException: 500,
  ModelErrorException: 500,
  ModelNotReadyException: 503,
  ModelStreamErrorException: 500,
  ModelTimeoutException: 408,
  ResourceNotFoundException: 404,
  ServiceQuotaExceededException: 402,
  ServiceUnavailableException: 503,
  ThrottlingException: 429,
  ValidationException: 400,
};

/** An exception of any of AWS's services. */
const Exception = z.object({
  name: z.string(),
  message: z.string().default(''),
  $metadata: z.object({ httpStatusCode: z.int().optional() }).default({}),
  $response: z.object({ headers: z.record(z.string(), z.string()).default({}) }).optional(),
});

/** What the SDK threw, as our error. */
export function fromSdkError(thrown: unknown, provider: string, signal: AbortSignal): ModelError {
  if (thrown instanceof ModelError || signal.aborted) return fromThrown(thrown, provider, signal);
  const name = thrown instanceof Error ? thrown.name : '';
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError')
    return new ModelError('auth', `${provider} has no AWS credentials: set a profile, keys or a role`);
  // A reset connection is called a timeout too, with its code.
  if (name === 'TimeoutError' && !(thrown instanceof Error && 'code' in thrown))
    return new ModelError('timeout', `${provider} did not answer in time`, { cause: thrown });
  if (thrown instanceof Error && /checksum/i.test(thrown.message))
    return new ModelError('bad_reply', `${provider} sent a frame with a wrong checksum`, { cause: thrown });
  const exception = Exception.safeParse(thrown);
  const status = STATUS[name] ?? (exception.success ? exception.data.$metadata.httpStatusCode : undefined);
  // A broken stream's error brings the status of the reply that began well.
  if (!exception.success || status === undefined || status < 300) return fromThrown(thrown, provider, signal);
  const { message, $response } = exception.data;
  return fromErrorReply(provider, {
    status: /model identifier is invalid/i.test(message) ? 404 : status,
    code: name,
    text: message,
    retryAfter: retryAfterOf((header) => $response?.headers[header]),
  });
}
