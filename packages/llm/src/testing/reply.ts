/** A piece of a scripted body: bytes to send, a pause, a wait for something the test decides, a connection that goes silent, or its end without the end of the body (`reset`: by a TCP reset). */
export type Piece =
  | string
  | Buffer
  | { wait_ms: number }
  | { until: Promise<unknown> }
  | 'cut'
  | 'reset'
  | 'stall';

/** What the server answers to one request. */
export interface Reply {
  /** 0: not even a head is sent. */
  status: number;
  headers: Record<string, string>;
  pieces: Piece[];
}

/** The connection is reset before anything was answered. */
export const RESET: Reply = { status: 0, headers: {}, pieces: ['reset'] };

/** A whole body of JSON. */
export function jsonReply(
  body: unknown,
  more: { status?: number; headers?: Record<string, string> } = {},
): Reply {
  return {
    status: more.status ?? 200,
    headers: { 'content-type': 'application/json', ...more.headers },
    pieces: [JSON.stringify(body)],
  };
}

/** The same bytes, cut into pieces of `size` bytes wherever that falls. */
export function splitBytes(reply: Reply, size: number): Reply {
  return splitBy(reply, () => size);
}

/** The same bytes, cut at places that `random` chooses: repeatable where it is seeded. */
export function splitAtRandom(reply: Reply, random: () => number): Reply {
  return splitBy(reply, () => 1 + Math.floor(random() * random() * 40));
}

/** A repeatable stream of numbers in [0, 1) (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function splitBy(reply: Reply, nextSize: () => number): Reply {
  const pieces: Piece[] = [];
  for (const piece of reply.pieces) {
    if (!isBytes(piece)) {
      pieces.push(piece);
      continue;
    }
    const bytes = Buffer.from(piece);
    for (let at = 0; at < bytes.length; ) {
      const end = at + nextSize();
      pieces.push(bytes.subarray(at, end));
      at = end;
    }
  }
  return { ...reply, pieces };
}

export function isBytes(piece: Piece): piece is string | Buffer {
  if (Buffer.isBuffer(piece)) return true;
  return typeof piece === 'string' && piece !== 'cut' && piece !== 'reset' && piece !== 'stall';
}
