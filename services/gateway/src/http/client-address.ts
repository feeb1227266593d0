import type { IncomingMessage } from 'node:http';

/** The address that a request comes from: behind `trustedProxies` proxies, the one that the outermost of them saw. */
export function clientAddress(req: IncomingMessage, trustedProxies: number): string {
  const forwarded = trustedProxies > 0 ? req.headers['x-forwarded-for'] : undefined;
  const hops = typeof forwarded === 'string' ? forwarded.split(',').map((hop) => hop.trim()) : [];
  const seen = [req.socket.remoteAddress ?? '', ...hops.reverse()];
  return seen[Math.min(trustedProxies, seen.length - 1)] as string;
}
