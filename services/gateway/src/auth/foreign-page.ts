import type { IncomingMessage } from 'node:http';

/**
 * Whether a page of another origin has a browser change something with the key that it remembers for HTTP Basic, which
 * goes along by itself. Browsers tell it by Sec-Fetch-Site, to addresses without TLS only by Origin.
 */
export function isFromForeignPage({ method, headers }: IncomingMessage): boolean {
  if (method === 'GET' || method === 'HEAD' || !/^basic /i.test(headers.authorization ?? '')) return false;
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  return headers.origin !== undefined && !headers.origin.endsWith(`//${headers.host}`);
}
