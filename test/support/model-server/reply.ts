/** A piece of a scripted body: bytes to send, a pause, a wait for something the test decides, or the end of the connection. */
export type Piece = string | Buffer | { wait_ms: number } | { until: Promise<unknown> } | 'cut' | 'stall';

/** What the server answers to one request. */
export interface Reply {
  status: number;
  headers: Record<string, string>;
  pieces: Piece[];
}

const SSE_HEADERS = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' };

export interface TextOptions {
  /** Characters in a chunk; the whole text in one by default. */
  chunk?: number;
  /** Pause after each chunk. */
  delay_ms?: number;
  usage?: { prompt_tokens: number; completion_tokens: number } | null;
}

/** A streamed chat completion of that text, as OpenAI's API sends it. */
export function textReply(text: string, options: TextOptions = {}): Reply {
  const chunk = options.chunk ?? Math.max(1, text.length);
  const parts = Array.from({ length: Math.ceil(text.length / chunk) }, (_, index) =>
    text.slice(index * chunk, (index + 1) * chunk),
  );
  return streamReply([
    ...parts.flatMap((part): Piece[] => [
      event({ delta: { content: part } }),
      ...(options.delay_ms ? [{ wait_ms: options.delay_ms }] : []),
    ]),
    ...ending('stop', options.usage),
  ]);
}

/** A streamed chat completion whose text comes in the pieces given, with whatever waits lie between. */
export function piecesReply(pieces: (string | Exclude<Piece, string | Buffer>)[]): Reply {
  const cut = pieces.some((piece) => piece === 'cut' || piece === 'stall');
  return streamReply([
    ...pieces.map(
      (piece): Piece =>
        typeof piece === 'string' && piece !== 'cut' && piece !== 'stall'
          ? event({ delta: { content: piece } })
          : piece,
    ),
    ...(cut ? [] : ending('stop')),
  ]);
}

/** A streamed call of one tool, its arguments in two pieces. */
export function toolCallReply(name: string, args: unknown): Reply {
  const json = JSON.stringify(args);
  const half = Math.floor(json.length / 2);
  const call = (rest: object) => event({ delta: { tool_calls: [{ index: 0, ...rest }] } });
  return streamReply([
    call({ id: 'call_1', type: 'function', function: { name, arguments: json.slice(0, half) } }),
    call({ function: { arguments: json.slice(half) } }),
    ...ending('tool_calls'),
  ]);
}

export function errorReply(
  status: number,
  message: string,
  more: { code?: string; headers?: Record<string, string> } = {},
): Reply {
  return {
    status,
    headers: { 'content-type': 'application/json', ...more.headers },
    pieces: [JSON.stringify({ error: { message, type: 'error', code: more.code ?? null } })],
  };
}

/** A stream of raw server-sent bytes. */
export function streamReply(pieces: Piece[]): Reply {
  return { status: 200, headers: SSE_HEADERS, pieces };
}

/** The same bytes, cut into pieces of `size` bytes wherever that falls. */
export function splitBytes(reply: Reply, size: number): Reply {
  const pieces = reply.pieces.flatMap((piece): Piece[] => {
    if (piece === 'cut' || piece === 'stall' || (typeof piece === 'object' && !Buffer.isBuffer(piece)))
      return [piece];
    const bytes = Buffer.from(piece);
    return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
      bytes.subarray(index * size, (index + 1) * size),
    );
  });
  return { ...reply, pieces };
}

function ending(reason: string, usage: TextOptions['usage'] = { prompt_tokens: 100, completion_tokens: 20 }) {
  return [
    event({ delta: {}, finish_reason: reason }),
    ...(usage ? [data({ ...FRAME, choices: [], usage: { ...usage, total_tokens: 0 } })] : []),
    'data: [DONE]\n\n',
  ];
}

const FRAME = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'scripted' };

function event(choice: object): string {
  return data({ ...FRAME, choices: [{ index: 0, finish_reason: null, ...choice }], usage: null });
}

function data(value: unknown): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}
