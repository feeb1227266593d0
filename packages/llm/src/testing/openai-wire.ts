import { chunkOf, errorReply } from './openai-replies.ts';
import { jsonReply } from './reply.ts';
import { argsText, halves, NO_FIGURES, type Said, type Wire } from './wire.ts';

/** OpenAI's chat completions. */
export const openaiWire: Wire = {
  stream_type: 'text/event-stream',
  begin: (said) => [
    chunkOf({ delta: { role: 'assistant', content: '' } }),
    ...(said.reasoning ? [chunkOf({ delta: { reasoning_content: said.reasoning.text } })] : []),
    ...(said.text ?? []).map((content) => chunkOf({ delta: { content } })),
    ...(said.calls ?? []).flatMap(({ id, name, args }, index) => {
      const [first, second] = halves(args);
      const call = (rest: object) => chunkOf({ delta: { tool_calls: [{ index, ...rest }] } });
      return [
        call({ id, type: 'function', function: { name, arguments: first } }),
        call({ function: { arguments: second } }),
      ];
    }),
  ],
  end: (said) => [
    chunkOf({ delta: {}, finish_reason: said.finish }),
    ...(said.usage ? [`data: ${JSON.stringify({ choices: [], usage: figures(said.usage) })}\n\n`] : []),
    'data: [DONE]\n\n',
  ],
  whole: (said) =>
    jsonReply({
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 1,
      model: 'scripted',
      choices: [
        {
          index: 0,
          finish_reason: said.finish,
          message: {
            role: 'assistant',
            content: said.text?.join('') ?? null,
            ...(said.reasoning ? { reasoning_content: said.reasoning.text } : {}),
            ...(said.calls
              ? {
                  tool_calls: said.calls.map(({ id, name, args }) => ({
                    id,
                    type: 'function',
                    function: { name, arguments: argsText(args) },
                  })),
                }
              : {}),
          },
        },
      ],
      ...(said.usage ? { usage: figures(said.usage) } : {}),
    }),
  error: errorReply,
  errorInStream: (message) => `data: ${JSON.stringify({ error: { message, type: 'server_error' } })}\n\n`,
  garbled: 'data: {"choi\n\n',
};

function figures(usage: NonNullable<Said['usage']>) {
  const { input, output, cached, cache_write, reasoning } = { ...NO_FIGURES, ...usage };
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cached, cache_write_tokens: cache_write },
    completion_tokens_details: { reasoning_tokens: reasoning },
  };
}
