import type { ToolManifest } from '@planyard/contracts';
import { type ShapeLimits, shapeOf, signatureOf } from './shape-of.ts';
import { termsOf } from './terms.ts';
import { isObject, resolveRef } from './tool-text.ts';

/** `detailed` also tells what each argument is, `full` is for the tools that fit best, `brief` for the many that may be meant, `terse` for those with long schemas, `lean` for those that hardly fit. */
export type DigestDetail = 'detailed' | 'full' | 'brief' | 'terse' | 'lean';

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
  lean: {
    words: 5,
    args: { depth: 1, fields: 3, values: 0 },
    result: { depth: 2, fields: 3, values: 0 },
  },
};

const ARGUMENT_WORDS = 30;
/** With so much room a description is told although the name says the same. */
const TOLD_ANYWAY = 40;

/** One line: `tickets.assign(ticket_id: int, assignee?) -> {status: open|closed}: Hands a case over`, with a mark for tools that change things. */
export function digestTool(tool: ToolManifest, detail: DigestDetail): string {
  const { words, args, result } = DETAILS[detail];
  const mark = tool.needs_approval ? ' [approval]' : tool.effects === 'write' ? ' [writes]' : '';
  const gives = shapeOf(tool.output_schema, result);
  const does = words < TOLD_ANYWAY && nameSaysIt(tool) ? '' : firstWords(tool.description, words);
  const line = `${tool.name}(${signatureOf(tool.input_schema, args)})${gives === '' ? '' : ` -> ${gives}`}${mark}${does === '' ? '' : `: ${does}`}`;
  return detail === 'detailed' ? [line, ...argumentLines(tool)].join('\n') : line;
}

/** Whether the description repeats the name, but for one word: "Permanently deletes a coupon." of `delete_coupon`. */
function nameSaysIt({ name, description }: ToolManifest): boolean {
  const told = new Set(termsOf(firstSentence(description)));
  const more = told.difference(new Set(termsOf(name))).size;
  return more <= 1 && more < told.size;
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
  const words = firstSentence(text).split(/\s+/u).filter(Boolean);
  return words.length <= most ? words.join(' ') : `${words.slice(0, most).join(' ')}…`;
}

function firstSentence(text: string): string {
  return text.trim().split(/(?<=[.!?])\s|\n/u)[0] ?? '';
}
