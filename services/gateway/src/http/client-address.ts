import type { IncomingMessage } from 'node:http';
import { isIP, SocketAddress } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Whom a request without a key counts on: behind `trustedProxies` proxies, the network that the outermost of them saw. */
export function clientNetwork(req: IncomingMessage, trustedProxies: number): string {
  const forwarded = trustedProxies > 0 ? req.headers['x-forwarded-for'] : undefined;
  const hops = typeof forwarded === 'string' ? forwarded.split(',').map((hop) => hop.trim()) : [];
  const seen = [req.socket.remoteAddress ?? '', ...hops.reverse()];
  return networkOf(seen[Math.min(trustedProxies, seen.length - 1)] as string);
}

/** An IPv4 address, however it is written; of IPv6 the /64, which is what one customer has (RFC 6177): all its addresses are theirs to choose from. */
export function networkOf(address: string): string {
  // Some proxies write the port behind it.
  const bare = isIP(address) ? address : SocketAddress.parse(address)?.address;
  if (bare === undefined) return 'unknown';
  const parsed = ipaddr.process(bare);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${parsed.toNormalizedString().split('%')[0]}/64`)}/64`;
}
