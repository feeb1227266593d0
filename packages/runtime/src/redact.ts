const hidden = '[redacted]';

/**
 * Looked for in names without case, dashes and underscores, anywhere: `db_password`, `awsSecretAccessKey`. Only a name
 * that ends in `token` is one: counters such as `input_tokens` are not.
 */
const secretName =
  /authorization|cookie|password|passwd|passphrase|pwd|secret|credential|(api|access|private|signing|encryption)key|token$/;

/** Deeper values are left out: a log line is no place for them. */
const maxDepth = 8;

/** Hides credentials inside a text: of URLs, bearer tokens, and keys that are known by their form: ours, AWS's, `sk-`. */
export function redactText(text: string): string {
  return (
    text
      // Whatever the scheme: looked for from each letter of a long word, it took minutes.
      .replace(/:\/\/[^\s/?#@"']*@/g, `://${hidden}@`)
      .replace(/\b(bearer|basic)\s+[a-z0-9._~+/=-]{8,}/gi, `$1 ${hidden}`)
      .replace(/\bpy_[0-9a-f]{8}_[0-9a-f]{32}\b/g, hidden)
      .replace(/\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g, hidden)
      .replace(/\bsk-[\w-]{8,}/g, hidden)
  );
}

/** A copy of the value without secrets: fields with a secret's name, and what `redactText` hides in texts. */
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
      secretName.test(name.toLowerCase().replace(/[-_]/g, '')) && field != null
        ? hidden
        : redact(field, depth + 1),
    ]),
  );
}

function redactError(error: Error, depth: number): unknown {
  const { name: type, message, stack, cause } = error;
  return redact({ ...error, type, message, stack, ...(cause === undefined ? {} : { cause }) }, depth + 1);
}
