import type { ContextPlan, Json, ToolManifest } from '@planyard/contracts';
import { isObject, resolveRef } from '../tools/tool-text.ts';

/** What a value of a format looks like in a question. */
const FORMATS: Record<string, RegExp> = {
  // From where a word begins only: from each letter of a long one it took minutes.
  email: /(?<![\w.+-])[\w.+-]+@[\w-]+\.[\w.-]*\w/,
  uri: /https?:\/\/[^\s"'<>)]+/,
  url: /https?:\/\/[^\s"'<>)]+/,
  date: /\b\d{4}-\d{2}-\d{2}\b/,
  'date-time': /\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}[\d:.]*(?:Z|[+-]\d{2}:\d{2})?/,
  uuid: /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/i,
  ipv4: /\b(?:\d{1,3}\.){3}\d{1,3}\b/,
};

/** Values that stand in the question and fit an argument: one of its enumeration, or one of its format. */
export function hintsFor(question: string, tools: readonly ToolManifest[]): ContextPlan['hints'] {
  const lower = question.toLowerCase();
  const hints: ContextPlan['hints'] = {};
  for (const tool of tools) {
    const properties = resolveRef(tool.input_schema, tool.input_schema)?.properties;
    if (!isObject(properties)) continue;
    const found = Object.entries(properties).flatMap(([name, property]): [string, string][] => {
      const value = valueFor(resolveRef(tool.input_schema, property), question, lower);
      return value === null ? [] : [[name, value]];
    });
    if (found.length > 0) hints[tool.name] = Object.fromEntries(found);
  }
  return hints;
}

function valueFor(schema: Record<string, Json> | null, question: string, lower: string): string | null {
  if (schema === null) return null;
  if (Array.isArray(schema.enum)) {
    const values = schema.enum.filter((value): value is string => typeof value === 'string');
    return values.find((value) => wordIn(lower, value.toLowerCase())) ?? null;
  }
  if (isObject(schema.items)) return valueFor(schema.items, question, lower);
  const pattern = typeof schema.format === 'string' ? FORMATS[schema.format] : undefined;
  return pattern?.exec(question)?.[0] ?? null;
}

/** Whether a word stands in the text with no letter or digit beside it. */
function wordIn(text: string, word: string): boolean {
  if (word.length < 2) return false;
  const spoken = word.replace(/[_-]/g, ' ');
  return [word, spoken].some((each) => {
    const at = text.indexOf(each);
    return at >= 0 && !/[\p{L}\p{N}]/u.test(`${text[at - 1] ?? ' '}${text[at + each.length] ?? ' '}`);
  });
}
