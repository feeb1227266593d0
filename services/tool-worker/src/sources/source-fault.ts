/*
 * What a source's error means, in words that may be shown to anybody: what drivers and servers say may name hosts,
 * users and passwords.
 */
const NETWORK: Record<string, string> = {
  ECONNREFUSED: 'nothing listens at its address',
  ENOTFOUND: 'its host name is not known',
  EAI_AGAIN: 'its host name cannot be looked up now',
  ETIMEDOUT: 'it does not answer in time',
  EHOSTUNREACH: 'its network cannot be reached',
  ENETUNREACH: 'its network cannot be reached',
  ECONNRESET: 'it closed the connection',
  ERR_INVALID_URL: 'its url is no postgres:// address',
};

const BY_STATE: [RegExp, string][] = [
  [/^28/, 'it does not take this user or password'],
  [/^3D/, 'it has no such database'],
  [/^42501/, 'its role may not read the catalog'],
  [/^57014/, 'reading its catalog takes longer than timeout_ms'],
  [/^57/, 'it is shutting down or starting'],
  [/^53/, 'it has no connection or resource to spare'],
  [/^25006/, 'it would not read only'],
];

/** A sentence without names: "it does not take this user or password (28P01)". */
export function describeFault(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (typeof code === 'string') {
    const network = NETWORK[code];
    if (network !== undefined) return `${network} (${code})`;
    const state = BY_STATE.find(([pattern]) => pattern.test(code));
    if (state) return `${state[1]} (${code})`;
    if (/^(CERT|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO|ERR_TLS)/.test(code))
      return `its certificate is not trusted (${code})`;
    if (/^[0-9A-Z]{5}$/.test(code)) return `it answers with an error (${code})`;
    return `it cannot be reached (${code})`;
  }
  if (typeof message === 'string' && /timeout/i.test(message)) return 'it does not answer in time';
  return 'it cannot be read';
}

/** What an error says, for the log: without the address and the password in it. */
export function tellError(error: unknown, url: string | null): string {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  if (url === null) return text;
  return secretsOf(url).reduce((told, secret) => told.replaceAll(secret, '***'), text);
}

function secretsOf(url: string): string[] {
  const raw = /^[a-z]+:\/\/[^:@/]*:([^@]*)@/i.exec(url)?.[1] ?? '';
  const inQuery = [...url.matchAll(/[?&](?:password|sslpassword)=([^&]*)/gi)].map(([, value]) => value ?? '');
  const found = [raw, ...inQuery].flatMap((secret) => [secret, decoded(secret)]);
  return [url, ...found.filter((secret) => secret !== '').sort((a, b) => b.length - a.length)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
