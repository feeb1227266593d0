import type { Meter, RawPiece } from '@planyard/llm';
import { DONE, toCompletionUsage } from './completion-frame.ts';
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
      const event = `data: ${JSON.stringify({ ...frameIn(before), choices: [], usage })}\n\n`;
      const bytes = Buffer.concat([last.bytes.subarray(0, at), Buffer.from(event), Buffer.from(DONE)]);
      return [{ ...last, bytes, usage: estimate }];
    },
  };
}

/** What every chunk of the upstream repeats. */
function frameIn(pieces: RawPiece[]): object {
  const text = Buffer.concat(pieces.map(({ bytes }) => bytes)).toString('utf8');
  const data = /^data: *(\{.*\})\r?$/m.exec(text)?.[1];
  if (data === undefined) return {};
  const { id, object, created, model } = JSON.parse(data) as Record<string, unknown>;
  return { id, object, created, model };
}
