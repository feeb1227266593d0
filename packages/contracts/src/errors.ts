import { z } from 'zod';
import { ERROR_CODES, type ErrorCode } from './error-codes.ts';

export const ErrorCodeSchema = z.enum(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]);

/** One located fault: where it is, what was expected and what came. */
export const Fault = z.object({
  path: z
    .string()
    .meta({ description: 'Where: a JSON path, a file and line, or a setting', example: 'args.ci_ids[0]' }),
  message: z.string(),
  code: z.string().optional(),
});
export type Fault = z.infer<typeof Fault>;

/** An error as it travels in events, step records and responses. */
export const ErrorBody = z
  .object({
    code: ErrorCodeSchema,
    message: z.string(),
    retryable: z.boolean().default(false),
    errors: z.array(Fault).optional(),
  })
  .meta({ id: 'Error' });
export type ErrorBody = z.infer<typeof ErrorBody>;

export interface PlanyardErrorOptions {
  cause?: unknown;
  /** Overrides the catalogue: this very error may or may not be helped by a retry. */
  retryable?: boolean;
  /** Seconds after which a retry makes sense. */
  retryAfter?: number;
  errors?: Fault[];
}

/** Every error that crosses a boundary: a stable code, a sentence for the reader, whether a retry can help, and the cause. */
export class PlanyardError extends Error {
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly retryAfter: number | undefined;
  readonly errors: Fault[] | undefined;

  constructor(code: ErrorCode, message?: string, options: PlanyardErrorOptions = {}) {
    super(
      message ?? ERROR_CODES[code].title,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.name = 'PlanyardError';
    this.code = code;
    this.retryable = options.retryable ?? ERROR_CODES[code].retryable;
    this.retryAfter = options.retryAfter;
    this.errors = options.errors;
  }

  get status(): number {
    return ERROR_CODES[this.code].status;
  }

  toBody(): ErrorBody {
    return {
      code: this.code,
      message: this.message,
      retryable: this.retryable,
      ...(this.errors ? { errors: this.errors } : {}),
    };
  }
}

const OF_CIRCUMSTANCE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'unavailable',
  'tool_unavailable',
  'tool_breaker_open',
  'budget_exceeded',
]);

/** Whether a step's failure says nothing of its call: what it needs was not there, so that the same call may be made later. */
export function isOfCircumstance({ code }: Pick<ErrorBody, 'code'>): boolean {
  return OF_CIRCUMSTANCE.has(code);
}

/** Any thrown value as a `PlanyardError`; what is not one becomes `fallback`, without its text unless `expose` says it is safe. */
export function toPlanyardError(
  thrown: unknown,
  fallback: ErrorCode = 'internal',
  expose = false,
): PlanyardError {
  if (thrown instanceof PlanyardError) return thrown;
  const message = expose && thrown instanceof Error ? thrown.message : undefined;
  return new PlanyardError(fallback, message, { cause: thrown });
}

/** The faults of a zod error, with paths written `a.b[0].c`. */
export function faultsOf(error: z.ZodError, root = ''): Fault[] {
  return error.issues.flatMap(closest).flatMap((issue): Fault[] => {
    const path = formatPath(issue.path, root);
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({
        path: formatPath([...issue.path, key], root),
        message: 'unknown field',
        code: issue.code,
      }));
    return [{ path: path || '(root)', message: messageOf(issue), code: issue.code }];
  });
}

type Issue = z.core.$ZodIssue;

/** What is absent is missing, and what has nothing is empty; zod's words are about types and sizes. */
function messageOf(issue: Issue): string {
  if (issue.message.endsWith(', received undefined')) return 'is missing';
  const holds = issue.code === 'too_small' && (issue.origin === 'string' || issue.origin === 'array');
  return holds && issue.minimum === 1 ? 'is empty' : issue.message;
}

/** Of a value that is none of several forms, the faults in the form that it comes closest to: the one whose faults lie deepest, then the one with fewest. */
function closest(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [issue];
  const forms = issue.errors.map((issues) => issues.flatMap(closest));
  const isAbsent = forms.every((issues) =>
    issues.some(({ path, message }) => path.length === 0 && message.endsWith(', received undefined')),
  );
  if (isAbsent) return [{ ...issue, message: ', received undefined' }];
  const depth = (issues: Issue[]) => Math.max(...issues.map(({ path }) => path.length));
  const [best = []] = forms.toSorted((a, b) => depth(b) - depth(a) || a.length - b.length);
  if (depth(best) < 1) return [issue];
  return best.map((each) => ({ ...each, path: [...issue.path, ...each.path] }));
}

function formatPath(path: readonly PropertyKey[], root: string): string {
  return path.reduce<string>(
    (text, key) =>
      typeof key === 'number' ? `${text}[${key}]` : text ? `${text}.${String(key)}` : String(key),
    root,
  );
}
