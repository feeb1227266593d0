import { createServer, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/*
 * The model provider of the bench, `node upstream.ts PORT`: the same answer at once, or a stream of it. Over plain sockets,
 * for it shares a core with the load.
 */

const FRAME = {
  id: 'chatcmpl-bench',
  created: 1_763_000_000,
  model: 'gpt-5-mini',
  system_fingerprint: 'fp_1',
};
const TEXT =
  'PACS and the dictation system depend on it; the imaging team owns both of them, day and night. ';
const USAGE = {
  prompt_tokens: 42,
  completion_tokens: 21,
  total_tokens: 63,
  prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
};
const message = { role: 'assistant', content: TEXT.repeat(4), refusal: null, annotations: [] };
const completion = {
  ...FRAME,
  object: 'chat.completion',
  choices: [{ index: 0, message, logprobs: null, finish_reason: 'stop' }],
  usage: USAGE,
};
const chunk = (choices: object[], usage: object | null) =>
  `data: ${JSON.stringify({ ...FRAME, object: 'chat.completion.chunk', choices, usage })}\n\n`;
const delta = (content: object, reason: string | null = null) =>
  chunk([{ index: 0, delta: content, logprobs: null, finish_reason: reason }], null);

const body = JSON.stringify(completion);
const WHOLE = Buffer.from(
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
);
const STREAM_HEAD =
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n';
const part = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

async function stream(socket: Socket): Promise<void> {
  socket.write(STREAM_HEAD + part(delta({ role: 'assistant', content: '' }) + delta({ content: 'PACS' })));
  for (const word of TEXT.split(' ').slice(1, 8)) {
    await wait(2);
    socket.write(part(delta({ content: ` ${word}` })));
  }
  socket.write(`${part(`${delta({}, 'stop')}${chunk([], USAGE)}data: [DONE]\n\n`)}0\r\n\r\n`);
}

createServer({ noDelay: true }, (socket) => {
  let text = '';
  socket.on('error', () => {});
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1');
    for (;;) {
      const head = text.indexOf('\r\n\r\n');
      if (head < 0) return;
      const length = Number(/\r\ncontent-length: *(\d+)/i.exec(text.slice(0, head))?.[1] ?? 0);
      if (text.length < head + 4 + length) return;
      const request = text.slice(head + 4, head + 4 + length);
      text = text.slice(head + 4 + length);
      if (/"stream": ?true/.test(request)) void stream(socket);
      else socket.write(WHOLE);
    }
  });
}).listen(Number(process.argv[2]), '127.0.0.1', () => process.send?.('ready'));
