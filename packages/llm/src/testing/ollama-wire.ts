import { jsonReply } from './reply.ts';
import type { Said, Wire } from './wire.ts';

const FRAME = { model: 'scripted', created_at: '2026-11-20T10:00:00.000000001Z' };

/** Ollama's `/api/chat`. */
export const ollamaWire: Wire = {
  stream_type: 'application/x-ndjson',
  begin: (said) => [
    ...(said.reasoning ? [line({ content: '', thinking: said.reasoning.text })] : []),
    ...(said.text ?? []).map((content) => line({ content })),
    ...(said.calls ?? []).map((call) => line({ content: '', tool_calls: [toCall(call)] })),
  ],
  end: (said) => [
    `${JSON.stringify({ ...FRAME, message: { role: 'assistant', content: '' }, ...end(said) })}\n`,
  ],
  whole: (said) =>
    jsonReply({
      ...FRAME,
      message: {
        role: 'assistant',
        content: said.text?.join('') ?? '',
        ...(said.reasoning ? { thinking: said.reasoning.text } : {}),
        ...(said.calls ? { tool_calls: said.calls.map(toCall) } : {}),
      },
      ...end(said),
    }),
  error: (status, message, more = {}) => jsonReply({ error: message }, { status, headers: more.headers }),
  errorInStream: (message) => `${JSON.stringify({ error: message })}\n`,
  garbled: '{"mess\n',
};

function line(message: object): string {
  return `${JSON.stringify({ ...FRAME, message: { role: 'assistant', ...message }, done: false })}\n`;
}

/** Arguments are an object here, and ids are there since version 0.12 only. */
function toCall({ id, name, args }: NonNullable<Said['calls']>[number]) {
  return { ...(id ? { id } : {}), function: { name, arguments: args } };
}

function end({ finish, usage }: Said) {
  return {
    done: true,
    done_reason: finish === 'length' ? 'length' : 'stop',
    total_duration: 1_000_000,
    ...(usage ? { prompt_eval_count: usage.input, eval_count: usage.output } : {}),
  };
}
