import type { FinishReason } from '../contract.ts';
import { jsonReply, type Piece, type Reply } from './reply.ts';

const SSE_HEADERS = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' };

export interface TextOptions {
  /** Characters in a chunk; the whole text in one by default. */
  chunk?: number;
  /** Pause after each chunk. */
  delay_ms?: number;
  usage?: { prompt_tokens: number; completion_tokens: number } | null;
  /** Why it ends; `stop` by default. */
  finish?: FinishReason;
}

/** A streamed chat completion of that text, as OpenAI's API sends it. */
export function textReply(text: string, options: TextOptions = {}): Reply {
  const chunk = options.chunk ?? Math.max(1, text.length);
  const parts = Array.from({ length: Math.ceil(text.length / chunk) }, (_, index) =>
    text.slice(index * chunk, (index + 1) * chunk),
  );
  return streamReply([
    ...parts.flatMap((part): Piece[] => [
      chunkOf({ delta: { content: part } }),
      ...(options.delay_ms ? [{ wait_ms: options.delay_ms }] : []),
    ]),
    ...ending(options.finish ?? 'stop', options.usage),
  ]);
}

/** A streamed chat completion whose text comes in the pieces given, with whatever waits lie between. */
export function piecesReply(pieces: Piece[]): Reply {
  const cut = pieces.some((piece) => piece === 'cut' || piece === 'reset' || piece === 'stall');
  return streamReply([
    ...pieces.map(
      (piece): Piece =>
        typeof piece === 'string' && piece !== 'cut' && piece !== 'reset' && piece !== 'stall'
          ? chunkOf({ delta: { content: piece } })
          : piece,
    ),
    ...(cut ? [] : ending('stop')),
  ]);
}

/** A streamed call of one tool, its arguments in two pieces. */
export function toolCallReply(name: string, args: unknown): Reply {
  const json = JSON.stringify(args);
  const half = Math.floor(json.length / 2);
  const call = (rest: object) => chunkOf({ delta: { tool_calls: [{ index: 0, ...rest }] } });
  return streamReply([
    call({ id: 'call_1', type: 'function', function: { name, arguments: json.slice(0, half) } }),
    call({ function: { arguments: json.slice(half) } }),
    ...ending('tool_calls'),
  ]);
}

/** Several calls in one reply. */
export function toolCallsReply(...calls: [name: string, args: unknown][]): Reply {
  const chunks = calls.map(([name, args], index) =>
    chunkOf({
      delta: {
        tool_calls: [
          {
            index,
            id: `call_${index + 1}`,
            type: 'function',
            function: { name, arguments: JSON.stringify(args) },
          },
        ],
      },
    }),
  );
  return streamReply([...chunks, ...ending('tool_calls')]);
}

export function errorReply(
  status: number,
  message: string,
  more: { code?: string; headers?: Record<string, string> } = {},
): Reply {
  return jsonReply(
    { error: { message, type: 'error', code: more.code ?? null } },
    { status, headers: more.headers },
  );
}

/** A stream of raw server-sent bytes. */
export function streamReply(pieces: Piece[]): Reply {
  return { status: 200, headers: SSE_HEADERS, pieces };
}

/** One chunk of a streamed chat completion with that choice. */
export function chunkOf(choice: object): string {
  return data({ ...FRAME, choices: [{ index: 0, finish_reason: null, ...choice }], usage: null });
}

/** What ends a streamed chat completion. */
function ending(
  reason: FinishReason,
  usage: TextOptions['usage'] = { prompt_tokens: 100, completion_tokens: 20 },
): string[] {
  return [
    chunkOf({ delta: {}, finish_reason: reason }),
    ...(usage ? [data({ ...FRAME, choices: [], usage: { ...usage, total_tokens: 0 } })] : []),
    'data: [DONE]\n\n',
  ];
}

const FRAME = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'scripted' };

function data(value: unknown): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}
