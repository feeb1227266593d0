import { jsonReply } from './reply.ts';
import { halves, NO_FIGURES, type Said, type Wire } from './wire.ts';

const STOP = { stop: 'end_turn', length: 'max_tokens', tool_calls: 'tool_use', content_filter: 'refusal' };
const TYPES: Record<number, string> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  500: 'api_error',
  529: 'overloaded_error',
};

/** Anthropic's Messages. */
export const anthropicWire: Wire = {
  stream_type: 'text/event-stream; charset=utf-8',
  begin(said) {
    const blocks = blocksOf(said);
    const message = {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'scripted',
      content: [],
      stop_reason: null,
      stop_sequence: null,
      ...(said.usage ? { usage: { ...inputFigures(said.usage), output_tokens: 1 } } : {}),
    };
    return [
      { type: 'message_start', message },
      ...blocks.slice(0, 1).flatMap(eventsOf),
      { type: 'ping' },
      ...blocks.slice(1).flatMap((block, index) => eventsOf(block, index + 1)),
    ].map(lineOf);
  },
  end: ({ finish, usage }) =>
    [
      {
        type: 'message_delta',
        delta: { stop_reason: STOP[finish], stop_sequence: null },
        ...(usage ? { usage: outputFigures(usage) } : {}),
      },
      { type: 'message_stop' },
    ].map(lineOf),
  whole: (said) =>
    jsonReply({
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'scripted',
      content: blocksOf(said),
      stop_reason: STOP[said.finish],
      stop_sequence: null,
      ...(said.usage ? { usage: { ...inputFigures(said.usage), ...outputFigures(said.usage) } } : {}),
    }),
  error: (status, message, more = {}) =>
    jsonReply(
      { type: 'error', error: { type: TYPES[status] ?? 'api_error', message }, request_id: 'req_1' },
      { status, headers: more.headers },
    ),
  errorInStream: (message) =>
    lineOf({ type: 'error', error: { type: 'overloaded_error', message }, request_id: 'req_1' }),
  garbled: 'event: message_start\ndata: {"ty\n\n',
};

type Block =
  | { type: 'thinking'; thinking: string; signature: string }
  | { type: 'text'; text: string; pieces: string[] }
  | { type: 'tool_use'; id: string; name: string; input: Record<string, unknown> | string };

function blocksOf({ reasoning, text, calls = [] }: Said): Block[] {
  return [
    ...(reasoning
      ? [{ type: 'thinking' as const, thinking: reasoning.text, signature: reasoning.signature ?? '' }]
      : []),
    ...(text ? [{ type: 'text' as const, text: text.join(''), pieces: text }] : []),
    ...calls.map(({ id, name, args }) => ({ type: 'tool_use' as const, id, name, input: args })),
  ];
}

function eventsOf(block: Block, index: number): object[] {
  const begin = (content_block: object) => ({ type: 'content_block_start', index, content_block });
  const delta = (piece: object) => ({ type: 'content_block_delta', index, delta: piece });
  const end = { type: 'content_block_stop', index };
  switch (block.type) {
    case 'thinking':
      return [
        begin({ type: 'thinking', thinking: '', signature: '' }),
        delta({ type: 'thinking_delta', thinking: block.thinking }),
        delta({ type: 'signature_delta', signature: block.signature }),
        end,
      ];
    case 'text':
      return [
        begin({ type: 'text', text: '' }),
        ...block.pieces.map((text) => delta({ type: 'text_delta', text })),
        end,
      ];
    case 'tool_use':
      return [
        begin({ ...block, input: {} }),
        ...['', ...halves(block.input)].map((partial_json) =>
          delta({ type: 'input_json_delta', partial_json }),
        ),
        end,
      ];
  }
}

/** Apart from each other: what was read from the cache, what was written to it, and the rest. */
function inputFigures(usage: NonNullable<Said['usage']>) {
  const { input, cached, cache_write } = { ...NO_FIGURES, ...usage };
  return {
    input_tokens: input - cached - cache_write,
    cache_creation_input_tokens: cache_write,
    cache_read_input_tokens: cached,
  };
}

function outputFigures({ output, reasoning = 0 }: NonNullable<Said['usage']>) {
  return { output_tokens: output, output_tokens_details: { thinking_tokens: reasoning } };
}

function lineOf(event: object): string {
  return `event: ${(event as { type: string }).type}\ndata: ${JSON.stringify(event)}\n\n`;
}
