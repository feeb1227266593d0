import { readFileSync } from 'node:fs';
import { type JsonObject, ToolManifest } from '@planyard/contracts';

/*
 * `catalogue.txt`: 500 tools of 25 services, written by hand, as OpenAPI documents describe them. A service has a head
 * (`== name: title`), the parameters and fields that its operations share (`name [type] description`, where a type is a
 * JSON type, a format or values with bars between), and operations: `name(required! optional) -> result` with a
 * description below. `rows[a b]` is an array of objects. `questions.txt`: `question | tool that is wanted`.
 */

/** What OpenAPI documents say of parameters that no service describes for itself. */
const COMMON: Record<string, string> = {
  limit: '[integer] Most results to return',
  since: '[date-time] Only what happened after this moment',
  until: '[date-time] End',
  from: '[date] First day',
  to: '[string] Target',
  at: '[date-time] Moment',
  url: '[uri] Link',
  status: '[string] State',
  title: '[string] Heading',
  query: '[string] Words to look for',
  name: '[string] Name',
  email: '[email] Address',
};

export interface Question {
  question: string;
  wanted: string;
}

export function readCatalogue(): ToolManifest[] {
  return read('catalogue.txt')
    .split(/^(?=== )/m)
    .filter((part) => part.trim() !== '')
    .flatMap(readService);
}

export function readQuestions(file = 'questions.txt'): Question[] {
  return read(file)
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('# '))
    .map((line) => {
      const [question = '', wanted = ''] = line.split(' | ');
      return { question, wanted };
    });
}

function read(name: string): string {
  return readFileSync(new URL(name, import.meta.url), 'utf8');
}

function readService(text: string): ToolManifest[] {
  const [head = '', ...lines] = text.trimEnd().split('\n');
  const service = /^== (\w+):/.exec(head)?.[1] ?? '';
  const fields = new Map(Object.entries(COMMON));
  const tools: ToolManifest[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] as string;
    const operation = /^(\w+)\((.*?)\) -> (.+)$/.exec(line);
    if (!operation) {
      const [, name = '', described = ''] = /^(\w+) (\[.+)$/.exec(line) ?? [];
      fields.set(name, described);
      continue;
    }
    const [, name = '', given = '', result = ''] = operation;
    const args = given.split(' ').filter(Boolean);
    at += 1;
    tools.push(
      ToolManifest.parse({
        name: `${service}.${name}`,
        description: (lines[at] as string).trim(),
        input_schema: {
          ...objectOf(
            args.map((arg) => arg.replace('!', '')),
            fields,
          ),
          required: args.filter((arg) => arg.endsWith('!')).map((arg) => arg.slice(0, -1)),
          additionalProperties: false,
        },
        output_schema: objectOf(result.match(/\w+\[[^\]]*\]|\S+/g) ?? [], fields),
        effects: 'read',
        idempotent: true,
        timeout_ms: 10_000,
        profile: { accuracy: 0.9, complexity: 'medium' },
      }),
    );
  }
  return tools;
}

function objectOf(names: string[], fields: Map<string, string>): JsonObject {
  return {
    type: 'object',
    properties: Object.fromEntries(
      names.map((each): [string, JsonObject] => {
        const [, name, inner] = /^(\w+)\[(.*)\]$/.exec(each) ?? [];
        if (name && inner !== undefined)
          return [name, { type: 'array', items: objectOf(inner.split(' '), fields) }];
        return [each, schemaOf(each, fields.get(each))];
      }),
    ),
  };
}

function schemaOf(name: string, described: string | undefined): JsonObject {
  const [, type = 'string', description] = /^\[([^\]]+)\] (.+)$/.exec(described ?? '') ?? [];
  const more: JsonObject = description ? { description } : {};
  if (type.includes('|')) return { type: 'string', enum: type.split('|'), ...more };
  if (['date', 'date-time', 'uri', 'email'].includes(type)) return { type: 'string', format: type, ...more };
  if (type === 'array' || name.endsWith('s!')) return { type: 'array', items: { type: 'string' }, ...more };
  return { type, ...more };
}
