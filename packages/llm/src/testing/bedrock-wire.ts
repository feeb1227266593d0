import { EventStreamCodec } from '@smithy/eventstream-codec';
import { fromUtf8, toUtf8 } from '@smithy/util-utf8';
import { jsonReply } from './reply.ts';
import { halves, NO_FIGURES, type Said, type Wire } from './wire.ts';

const codec = new EventStreamCodec(toUtf8, fromUtf8);
const STOP = {
  stop: 'end_turn',
  length: 'max_tokens',
  tool_calls: 'tool_use',
  content_filter: 'content_filtered',
};

/** Bedrock's Converse and ConverseStream: frames with their checksums. */
export const bedrockWire: Wire = {
  stream_type: 'application/vnd.amazon.eventstream',
  begin: (said) => [
    frame('messageStart', { role: 'assistant' }),
    ...blocksOf(said).flatMap((block, contentBlockIndex) => [
      ...(block.start ? [frame('contentBlockStart', { contentBlockIndex, start: block.start })] : []),
      ...block.deltas.map((delta) => frame('contentBlockDelta', { contentBlockIndex, delta })),
      frame('contentBlockStop', { contentBlockIndex }),
    ]),
  ],
  end: (said) => [
    frame('messageStop', { stopReason: STOP[said.finish] }),
    ...(said.usage ? [frame('metadata', { usage: figures(said.usage), metrics: { latencyMs: 12 } })] : []),
  ],
  whole: (said) =>
    jsonReply({
      output: {
        message: {
          role: 'assistant',
          content: [
            ...(said.reasoning ? [{ reasoningContent: { reasoningText: said.reasoning } }] : []),
            ...(said.text ? [{ text: said.text.join('') }] : []),
            ...(said.calls ?? []).map(({ id, name, args }) => ({
              toolUse: { toolUseId: id, name, input: args },
            })),
          ],
        },
      },
      stopReason: STOP[said.finish],
      metrics: { latencyMs: 12 },
      ...(said.usage ? { usage: figures(said.usage) } : {}),
    }),
  error: (status, message, more = {}) =>
    jsonReply(
      { message },
      { status, headers: { 'x-amzn-errortype': more.code ?? exceptionOf(status), ...more.headers } },
    ),
  errorInStream: (message) => exceptionFrame('modelStreamErrorException', message),
  garbled: garble(frame('messageStart', { role: 'assistant' })),
};

/** A frame whose checksum no longer fits. */
function garble(bytes: Buffer): Buffer {
  bytes[bytes.length - 8] = (bytes.at(-8) ?? 0) ^ 0xff;
  return bytes;
}

/** An exception inside a stream. */
export function exceptionFrame(type: string, message: string): Buffer {
  return encode({ ':message-type': 'exception', ':exception-type': type }, { message });
}

function frame(type: string, body: object): Buffer {
  return encode({ ':message-type': 'event', ':event-type': type }, body);
}

function encode(headers: Record<string, string>, body: object): Buffer {
  const text = { ...headers, ':content-type': 'application/json' };
  return Buffer.from(
    codec.encode({
      headers: Object.fromEntries(
        Object.entries(text).map(([name, value]) => [name, { type: 'string' as const, value }]),
      ),
      body: fromUtf8(JSON.stringify(body)),
    }),
  );
}

function blocksOf({ reasoning, text, calls = [] }: Said): { start?: object; deltas: object[] }[] {
  return [
    ...(reasoning
      ? [
          {
            deltas: [
              { reasoningContent: { text: reasoning.text } },
              ...(reasoning.signature ? [{ reasoningContent: { signature: reasoning.signature } }] : []),
            ],
          },
        ]
      : []),
    ...(text ? [{ deltas: text.map((piece) => ({ text: piece })) }] : []),
    ...calls.map(({ id, name, args }) => ({
      start: { toolUse: { toolUseId: id, name } },
      deltas: halves(args).map((input) => ({ toolUse: { input } })),
    })),
  ];
}

function figures(usage: NonNullable<Said['usage']>) {
  const { input, output, cached, cache_write } = { ...NO_FIGURES, ...usage };
  return {
    inputTokens: input - cached - cache_write,
    outputTokens: output,
    totalTokens: input + output,
    cacheReadInputTokens: cached,
    cacheWriteInputTokens: cache_write,
  };
}

function exceptionOf(status: number): string {
  if (status === 400) return 'ValidationException';
  if (status === 403 || status === 401) return 'AccessDeniedException';
  if (status === 402) return 'ServiceQuotaExceededException';
  if (status === 404) return 'ResourceNotFoundException';
  if (status === 429) return 'ThrottlingException';
  if (status === 503) return 'ServiceUnavailableException';
  return 'InternalServerException';
}
