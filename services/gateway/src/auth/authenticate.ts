import type { ApiKey } from '@planyard/contracts';
import type { Principal } from './principal.ts';

/** The key of a secret, whether or not it is still valid; null for a secret nobody was given. It sets its own time limit. */
export type FindKey = (secret: string) => Promise<ApiKey | null>;

/** The principal of a secret, or null: unknown, revoked and expired keys are told apart to nobody. */
export type Authenticate = (secret: string) => Promise<Principal | null>;

/** Remembers keys for a moment; `forget` makes it look anew. */
export type RememberingAuthenticate = Authenticate & { forget(): void };

interface Entry {
  key: Promise<ApiKey | null>;
  until: number;
}

/** Longest that a revoked key may still work on another gateway. */
const remembered = 3_000;
const capacity = 10_000;

/** Looks keys up, remembering each for three seconds, and misses too: guessing costs Postgres one query a guess. Expiry is checked at every call. */
export function createAuthenticate(findKey: FindKey, now: () => number): RememberingAuthenticate {
  const entries = new Map<string, Entry>();

  function lookUp(secret: string): Promise<ApiKey | null> {
    const known = entries.get(secret);
    if (known && known.until > now()) return known.key;
    const key = findKey(secret);
    // A failed look-up is nobody's answer.
    key.catch(() => entries.delete(secret));
    entries.delete(secret);
    if (entries.size >= capacity) entries.delete(entries.keys().next().value as string);
    entries.set(secret, { key, until: now() + remembered });
    return key;
  }

  async function authenticate(secret: string): Promise<Principal | null> {
    const key = await lookUp(secret);
    if (!key || key.revoked_at !== null) return null;
    if (key.expires_at !== null && Date.parse(key.expires_at) <= now()) return null;
    return {
      tenant: key.tenant,
      user: key.user,
      key_id: key.id,
      scopes: key.scopes,
      operator: key.tenant === 'default' && key.scopes.includes('admin'),
    };
  }

  return Object.assign(authenticate, { forget: () => entries.clear() });
}

/** The secret of an Authorization header: `Bearer <key>`, or HTTP Basic with the key as password, for browsers. */
export function secretOf(header: string | undefined): string | null {
  const match = /^(bearer|basic) +([A-Za-z0-9+/=._~-]{1,500})$/i.exec(header ?? '');
  if (!match) return null;
  const [, scheme = '', credentials = ''] = match;
  if (scheme.toLowerCase() === 'bearer') return credentials;
  const decoded = Buffer.from(credentials, 'base64').toString('utf8');
  const password = decoded.slice(decoded.indexOf(':') + 1);
  return /^[A-Za-z0-9+/=._~-]{1,200}$/.test(password) ? password : null;
}
