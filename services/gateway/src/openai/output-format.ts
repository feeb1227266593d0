import type { JsonObject } from '@planyard/contracts';
import type { OutputSpec } from '@planyard/llm';
import { defined } from './defined.ts';

/** What `json_object` asks for. */
export const ANY_OBJECT: OutputSpec = { name: 'json', schema: { type: 'object' }, any_object: true };

/** A `json_schema` format as ours; `path` is where its schema stands. */
export function toOutput(
  format: {
    name: string;
    description?: string | null | undefined;
    schema?: JsonObject | undefined;
    strict?: boolean | null | undefined;
  },
  path: string,
): OutputSpec {
  const { name, schema = { type: 'object' }, description, strict } = format;
  return {
    name,
    schema,
    path,
    ...defined({ description: description ?? undefined, strict: strict ?? undefined }),
  };
}
