import type { ToolManifest } from '@planyard/contracts';
import { type ShapeLimits, shapeOf, signatureOf } from './shape-of.ts';

/** `full` is for the tools that fit best, `brief` for the many that may be meant. */
export type DigestDetail = 'full' | 'brief';

const DETAILS: Record<DigestDetail, { words: number; args: ShapeLimits; result: ShapeLimits }> = {
  full: {
    words: 40,
    args: { depth: 4, fields: 20, values: 12 },
    result: { depth: 4, fields: 20, values: 8 },
  },
  brief: {
    words: 12,
    args: { depth: 3, fields: 10, values: 6 },
    result: { depth: 3, fields: 8, values: 3 },
  },
};

/** One line: `tickets.assign(ticket_id: int, assignee?) -> {status: open|closed}: Hands a case over`, with a mark for tools that change things. */
export function digestTool(tool: ToolManifest, detail: DigestDetail): string {
  const { words, args, result } = DETAILS[detail];
  const mark = tool.needs_approval ? ' [approval]' : tool.effects === 'write' ? ' [writes]' : '';
  const gives = shapeOf(tool.output_schema, result);
  const does = firstWords(tool.description, words);
  return `${tool.name}(${signatureOf(tool.input_schema, args)})${gives === '' ? '' : ` -> ${gives}`}${mark}${does === '' ? '' : `: ${does}`}`;
}

/** The first sentence, at most so many words. */
function firstWords(text: string, most: number): string {
  const [sentence = ''] = text.trim().split(/(?<=[.!?])\s|\n/u);
  const words = sentence.split(/\s+/u).filter(Boolean);
  return words.length <= most ? words.join(' ') : `${words.slice(0, most).join(' ')}…`;
}
