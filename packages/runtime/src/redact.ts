const hidden = '[redacted]';

/** Compared without case, dashes and underscores. Usage counters such as `input_tokens` are not among them. */
const secretNames = new Set([
  'authorization',
  'proxyauthorization',
  'cookie',
  'setcookie',
  'password',
  'passwd',
  'passphrase',
  'secret',
  'clientsecret',
  'apikey',
  'xapikey',
  'token',
  'accesstoken',
  'refreshtoken',
  'idtoken',
  'privatekey',
]);

/** Deeper values are left out: a log line is no place for them. */
const maxDepth = 8;

/** Hides the credentials of URLs and bearer tokens inside a text. */
export function redactText(text: string): string {
  return text
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/?#@"']*@/gi, `$1${hidden}@`)
    .replace(/\b(bearer|basic)\s+[a-z0-9._~+/=-]{8,}/gi, `$1 ${hidden}`)
    .replace(/\bsk-[\w-]{8,}/g, hidden);
}

/** A copy of the value without secrets: fields with a secret's name, credentials in URLs, bearer tokens. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= maxDepth) return '[too deep]';
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  if (value instanceof Date) return value;
  if (value instanceof Error) return redactError(value, depth);
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [
      name,
      secretNames.has(name.toLowerCase().replace(/[-_]/g, '')) && field != null
        ? hidden
        : redact(field, depth + 1),
    ]),
  );
}

function redactError(error: Error, depth: number): unknown {
  const { name: type, message, stack, cause } = error;
  return redact({ ...error, type, message, stack, ...(cause === undefined ? {} : { cause }) }, depth + 1);
}
