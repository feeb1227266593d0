import { gzipSync } from 'node:zlib';
import type { Timeouts } from '../config/timeouts.ts';
import type { Protocol } from '../contract.ts';
import type { ModelErrorKind } from '../model-error.ts';
import type { ModelServer } from './model-server.ts';
import { type Piece, RESET, type Reply } from './reply.ts';
import { piecesOf, type Said, streamed, type Wire } from './wire.ts';
import { TEST_KEY } from './wires.ts';

const SAID: Said = { text: ['half an ', 'answer'], finish: 'stop', usage: { input: 9, output: 3 } };
const CALLS = (args: string): Said => ({ calls: [{ id: 'a', name: 'x', args }], finish: 'tool_calls' });
const MANY: Said = {
  calls: Array.from({ length: 3 }, (_, index) => ({ id: `call_${index}`, name: 'x', args: '{}' })),
  finish: 'tool_calls',
};
/** No resolver is asked for a label this long: the answer is the same everywhere, and at once. */
const NO_HOST = `http://${'x'.repeat(64)}.invalid`;
/** What a reply may have at most, in bytes. */
export const MAX_REPLY_BYTES = 200_000;

/** What an upstream does, in replies of each protocol: streamed, and whole where that differs from it. */
export interface Fault {
  /** The error's kind; null: the caller gets the answer. */
  kind: ModelErrorKind | null;
  tries: number;
  /** Whether the caller has part of the answer when the error comes. */
  heard?: boolean;
  stream?: (wire: Wire) => Reply[];
  whole?: (wire: Wire) => Reply[];
  /** Where the provider is, if not at the scripted server. */
  origin?: () => string;
  leaves?: boolean;
  /** Seen only where replies are read, not where they are passed on. */
  read_only?: boolean;
  /** All of them by default. */
  protocols?: Protocol[];
  timeouts?: Partial<Timeouts>;
}

const both = (reply: (wire: Wire) => Reply[]) => ({ stream: reply, whole: reply });
const error = (
  status: number,
  message: string,
  more: { code?: string; headers?: Record<string, string> } = {},
) => both((wire) => [wire.error(status, message, more)]);
const pieces = (make: (wire: Wire) => Piece[]) => ({ stream: (wire: Wire) => [piecesOf(wire, make(wire))] });
const wholePieces = (make: (wire: Wire) => Piece[]) => ({
  whole: (wire: Wire) => [{ ...wire.whole(SAID), pieces: make(wire) }],
});
const text = (wire: Wire) => (wire.whole(SAID).pieces[0] as string).slice(0, 40);
const rest = (wire: Wire) => (wire.whole(SAID).pieces[0] as string).slice(40);

function compressed({ status, headers, pieces: [piece] }: Reply): Reply {
  return { status, headers: { ...headers, 'content-encoding': 'gzip' }, pieces: [gzipSync(piece as string)] };
}

/** Where faults happen. */
export interface FaultServers {
  /** The provider's. */
  server: ModelServer;
  /** Where a redirect points to. */
  elsewhere: ModelServer;
  /** An origin whose certificate nobody signed. */
  selfSigned: string;
}

/** Every fault by the name it has in docs/faults.md. The servers need not have started yet. */
export function faults(servers: FaultServers): Record<string, Fault> {
  return {
    'connection refused': { kind: 'connection', tries: 4, origin: () => 'http://127.0.0.1:1' },
    'a host name that does not resolve': {
      kind: 'connection',
      tries: 4,
      origin: () => NO_HOST,
    },
    'a certificate that nobody signed': { kind: 'connection', tries: 1, origin: () => servers.selfSigned },
    'no TLS where TLS is spoken': {
      kind: 'connection',
      tries: 1,
      origin: () => servers.server.origin.replace('http:', 'https:'),
    },
    'reset before any answer': { kind: 'connection', tries: 4, ...both(() => [RESET]) },
    'reset before the first token': {
      kind: 'connection',
      tries: 4,
      ...pieces(() => ['reset']),
      ...wholePieces((wire) => [text(wire), 'reset']),
    },
    'reset after the first token': {
      kind: 'connection',
      tries: 1,
      heard: true,
      ...pieces((wire) => [...wire.begin(SAID), { wait_ms: 20 }, 'reset']),
    },
    'connection closed after the first token': {
      kind: 'connection',
      tries: 1,
      heard: true,
      ...pieces((wire) => [...wire.begin(SAID), { wait_ms: 20 }, 'cut']),
    },
    'stream ended before the first token': { kind: 'bad_reply', tries: 4, ...pieces(() => []) },
    'stream ended without its terminator': {
      kind: 'bad_reply',
      tries: 1,
      heard: true,
      ...pieces((wire) => wire.begin(SAID)),
    },
    'stall before the first token': {
      kind: 'timeout',
      tries: 4,
      timeouts: { first_token_ms: 60 },
      ...pieces(() => ['stall']),
    },
    'stall between two tokens': {
      kind: 'timeout',
      tries: 1,
      heard: true,
      timeouts: { between_tokens_ms: 60 },
      ...pieces((wire) => [...wire.begin(SAID), 'stall']),
    },
    'a whole reply that never comes': {
      kind: 'timeout',
      tries: 4,
      timeouts: { total_ms: 60 },
      ...wholePieces(() => ['stall']),
    },
    'a whole reply that takes longer than a first token may': {
      kind: null,
      tries: 1,
      timeouts: { first_token_ms: 60, between_tokens_ms: 60 },
      ...wholePieces((wire) => [text(wire), { wait_ms: 150 }, rest(wire)]),
    },
    'a tool call that takes longer than the next token may': {
      kind: null,
      tries: 1,
      read_only: true,
      // Ollama sends a call in one piece.
      protocols: ['openai', 'anthropic', 'bedrock'],
      timeouts: { first_token_ms: 300, between_tokens_ms: 300 },
      ...pieces((wire) =>
        [...wire.begin(MANY), ...wire.end(MANY)].flatMap((piece) => [piece, { wait_ms: 60 }]),
      ),
    },
    'slow drip within the limits': {
      kind: null,
      tries: 1,
      ...pieces((wire) =>
        [...wire.begin(SAID), ...wire.end(SAID)].flatMap((piece): Piece[] => [piece, { wait_ms: 5 }]),
      ),
    },
    'slow drip beyond the total time': {
      kind: 'timeout',
      tries: 1,
      heard: true,
      timeouts: { total_ms: 300 },
      ...pieces((wire) => {
        const drip: Said = { ...SAID, text: Array.from({ length: 40 }, () => 'drip ') };
        return wire.begin(drip).flatMap((piece): Piece[] => [piece, { wait_ms: 25 }]);
      }),
    },
    'status 429 with retry-after': {
      kind: null,
      tries: 2,
      stream: (wire) => [
        wire.error(429, 'slow', { headers: { 'retry-after': '0.05' } }),
        streamed(wire, SAID),
      ],
      whole: (wire) => [wire.error(429, 'slow', { headers: { 'retry-after-ms': '50' } }), wire.whole(SAID)],
    },
    'status 429 without retry-after': { kind: 'rate_limited', tries: 4, ...error(429, 'slow down') },
    'status 429 with a longer retry-after than is waited': {
      kind: 'rate_limited',
      tries: 1,
      ...error(429, 'slow down', { headers: { 'retry-after': '3600' } }),
    },
    'status 500': { kind: 'server', tries: 4, ...error(500, 'oops') },
    'status 502 with a page of a proxy': {
      kind: 'server',
      tries: 4,
      ...both(() => [
        { status: 502, headers: { 'content-type': 'text/html' }, pieces: ['<html>Bad gateway</html>'] },
      ]),
    },
    'status 503': { kind: 'server', tries: 4, ...error(503, 'busy') },
    'status 529': { kind: 'server', tries: 4, ...error(529, 'overloaded') },
    'status 400': { kind: 'bad_request', tries: 1, ...error(400, 'temperature must be a number') },
    'status 400 for too long a context': {
      kind: 'context_overflow',
      tries: 1,
      ...error(400, 'prompt is too long: 210000 tokens > 200000 maximum'),
    },
    'status 401': { kind: 'auth', tries: 1, ...error(401, `incorrect key ${TEST_KEY}`) },
    'status 402': { kind: 'quota', tries: 1, ...error(402, 'the credit is used up') },
    'status 404': { kind: 'model_not_found', tries: 1, ...error(404, 'there is no such model') },
    'an error inside the stream, before the first token': {
      kind: 'server',
      tries: 4,
      ...pieces((wire) => [wire.errorInStream('it broke')]),
    },
    'an error inside the stream, after the first token': {
      kind: 'server',
      tries: 1,
      heard: true,
      ...pieces((wire) => [...wire.begin(SAID), wire.errorInStream('it broke')]),
    },
    'an error of status 200 where a stream was asked for': {
      kind: 'quota',
      tries: 1,
      protocols: ['openai'],
      stream: (wire) => [wire.error(200, 'no credit', { code: 'insufficient_quota' })],
    },
    'invalid JSON': {
      kind: 'bad_reply',
      tries: 4,
      ...pieces((wire) => [wire.garbled]),
      ...wholePieces((wire) => [text(wire)]),
    },
    'tool arguments that are not JSON': {
      kind: 'bad_reply',
      tries: 4,
      // A request with tools is never passed on unread.
      read_only: true,
      stream: (wire) => [streamed(wire, CALLS('{"broken'))],
      whole: (wire) => [wire.whole(CALLS('{"broken'))],
    },
    'empty reply': { kind: 'bad_reply', tries: 4, ...pieces(() => []), ...wholePieces(() => []) },
    'JSON that is no reply': {
      kind: 'bad_reply',
      tries: 4,
      ...wholePieces(() => ['{"hello":"world"}']),
    },
    'wrong content type': {
      kind: 'bad_reply',
      tries: 4,
      ...both(() => [
        { status: 200, headers: { 'content-type': 'text/html' }, pieces: ['<html>Log in</html>'] },
      ]),
    },
    'huge reply': {
      kind: 'bad_reply',
      tries: 1,
      stream: (wire) => [
        streamed(wire, { ...SAID, text: ['x'.repeat(MAX_REPLY_BYTES), 'x'.repeat(MAX_REPLY_BYTES)] }),
      ],
      whole: (wire) => [wire.whole({ ...SAID, text: ['x'.repeat(2 * MAX_REPLY_BYTES)] })],
    },
    'huge reply, compressed to little': {
      kind: 'bad_reply',
      tries: 1,
      // AWS's client and what passes replies on ask for nothing compressed.
      protocols: ['openai', 'anthropic', 'ollama'],
      read_only: true,
      ...both((wire) => [compressed(wire.whole({ ...SAID, text: ['x'.repeat(2 * MAX_REPLY_BYTES)] }))]),
    },
    'redirect to another host': {
      kind: 'bad_reply',
      tries: 1,
      ...both(() => [{ status: 307, headers: { location: `${servers.elsewhere.origin}/v1` }, pieces: [] }]),
    },
    'usage missing': {
      kind: null,
      tries: 1,
      stream: (wire) => [streamed(wire, { ...SAID, usage: null })],
      whole: (wire) => [wire.whole({ ...SAID, usage: null })],
    },
    'usage that is no count': {
      kind: null,
      tries: 1,
      stream: (wire) => [streamed(wire, { ...SAID, usage: { input: -9, output: 3 } })],
      whole: (wire) => [wire.whole({ ...SAID, usage: { input: -9, output: 3 } })],
    },
    'the caller leaves': {
      kind: 'cancelled',
      tries: 1,
      leaves: true,
      ...pieces(() => ['stall']),
    },
  };
}
