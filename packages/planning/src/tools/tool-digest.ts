import type { ToolManifest } from '@planyard/contracts';
import { type ShapeLimits, shapeOf, signatureOf } from './shape-of.ts';
import { isObject, resolveRef } from './tool-text.ts';

/** `detailed` also tells what each argument is, `full` is for the tools that fit best, `brief` for the many that may be meant, `terse` for those with long schemas. */
export type DigestDetail = 'detailed' | 'full' | 'brief' | 'terse';

const DETAILS: Record<DigestDetail, { words: number; args: ShapeLimits; result: ShapeLimits }> = {
  detailed: {
    words: 60,
    args: { depth: 4, fields: 40, values: 20 },
    result: { depth: 4, fields: 30, values: 12 },
  },
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
  terse: {
    words: 8,
    args: { depth: 1, fields: 5, values: 0 },
    result: { depth: 2, fields: 5, values: 0 },
  },
};

const ARGUMENT_WORDS = 30;

/** One line: `tickets.assign(ticket_id: int, assignee?) -> {status: open|closed}: Hands a case over`, with a mark for tools that change things. */
export function digestTool(tool: ToolManifest, detail: DigestDetail): string {
  const { words, args, result } = DETAILS[detail];
  const mark = tool.needs_approval ? ' [approval]' : tool.effects === 'write' ? ' [writes]' : '';
  const gives = shapeOf(tool.output_schema, result);
  const does = firstWords(tool.description, words);
  const line = `${tool.name}(${signatureOf(tool.input_schema, args)})${gives === '' ? '' : ` -> ${gives}`}${mark}${does === '' ? '' : `: ${does}`}`;
  return detail === 'detailed' ? [line, ...argumentLines(tool)].join('\n') : line;
}

/** What the schema says of each argument, a line for each that it says something of. */
function argumentLines({ input_schema }: ToolManifest): string[] {
  const properties = resolveRef(input_schema, input_schema)?.properties;
  if (!isObject(properties)) return [];
  return Object.entries(properties).flatMap(([name, property]) => {
    const described = resolveRef(input_schema, property)?.description;
    return typeof described === 'string' ? [`  ${name}: ${firstWords(described, ARGUMENT_WORDS)}`] : [];
  });
}

/** The first sentence, at most so many words. */
function firstWords(text: string, most: number): string {
  const [sentence = ''] = text.trim().split(/(?<=[.!?])\s|\n/u);
  const words = sentence.split(/\s+/u).filter(Boolean);
  return words.length <= most ? words.join(' ') : `${words.slice(0, most).join(' ')}…`;
}
