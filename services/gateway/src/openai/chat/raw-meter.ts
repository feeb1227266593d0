import type { Meter, RawPiece } from '@planyard/llm';
import { DONE, frameIn, toCompletionUsage } from './completion-frame.ts';
import { rawText } from './raw-text.ts';

/** Usage and text in OpenAI's bytes. What a silent upstream is estimated to have used is told where the caller asked for usage: a whole reply always has it. */
export function rawMeter({
  streaming,
  includeUsage,
}: {
  streaming: boolean;
  includeUsage: boolean;
}): Meter<RawPiece> {
  return {
    usage: (piece) => piece.usage,
    text: rawText,
    ends: (piece) => piece.ends === true,
    told(last, estimate, before) {
      const usage = toCompletionUsage(estimate);
      if (!streaming) {
        const reply = JSON.parse(last.bytes.toString('utf8')) as object;
        return [{ ...last, bytes: Buffer.from(JSON.stringify({ ...reply, usage })), usage: estimate }];
      }
      const at = last.bytes.lastIndexOf('data: [DONE]');
      if (!includeUsage || at < 0) return [last];
      const event = `data: ${JSON.stringify({ ...frameIn(Buffer.concat(before.map(({ bytes }) => bytes))), object: 'chat.completion.chunk', choices: [], usage })}\n\n`;
      const bytes = Buffer.concat([last.bytes.subarray(0, at), Buffer.from(event), Buffer.from(DONE)]);
      return [{ ...last, bytes, usage: estimate }];
    },
  };
}
