import { readFileSync } from 'node:fs';
import { type JsonObject, ToolManifest } from '@planyard/contracts';

/*
 * `services.txt`: 49 services as generators of OpenAPI documents make them: thousands of operations of which most are
 * the same for every resource. A service has a head (`== name: title`) and resources,
 * `name | what it is | fields | more | verb: description ; verb: description`, where `more` names operations of `MORE`.
 * `service-questions.txt`: `question | tool that is wanted`.
 */

interface Resource {
  /** As in names of operations: `credit_note`, `credit_notes`. */
  one: string;
  many: string;
  what: string;
  fields: string[];
}

/** An operation of any resource: `%1` stands for one, `%n` for many, `%a` for one with its article, `%w` for what it is. */
type Operation = [name: string, description: string, args: string, result: string];

const EVERY: readonly (readonly string[])[] = [
  [
    'Lists %n, newest first.',
    'Fetches one %1: %w.',
    'Creates a new %1 (%w).',
    'Changes %a.',
    'Removes %a.',
    'Finds %n that match a query.',
  ],
  [
    'List all %n in the account.',
    'Get details of %a.',
    'Add %a: %w.',
    'Modify an existing %1.',
    'Delete %a by ID.',
    'Query %n with filter expressions.',
  ],
  [
    'Returns a list of %n: %w.',
    'Retrieves %a by its identifier.',
    'Creates %a: %w.',
    'Updates the fields of %a.',
    'Permanently deletes %a.',
    'Searches %n by text and filters.',
  ],
];

const MORE: Record<string, Operation[]> = {
  a: [
    ['archive_%1', 'Archives %a; it is hidden from lists but kept.', '%1_id!', 'id archived_at'],
    ['restore_%1', 'Restores an archived %1.', '%1_id!', 'id status'],
  ],
  b: [
    ['bulk_update_%n', 'Updates many %n at once.', 'ids! changes!', 'updated failed'],
    ['bulk_delete_%n', 'Deletes many %n at once.', 'ids!', 'deleted'],
  ],
  c: [
    ['add_%1_comment', 'Adds a comment to %a.', '%1_id! body!', 'comment_id created_at'],
    ['list_%1_comments', 'Lists the comments on %a.', '%1_id! cursor', 'comments[author body created_at]'],
  ],
  e: [
    ['enable_%1', 'Enables %a.', '%1_id!', 'id enabled'],
    ['disable_%1', 'Disables %a.', '%1_id!', 'id enabled'],
  ],
  h: [
    [
      'list_%1_history',
      'Lists the changes made to %a, with who made them.',
      '%1_id! since',
      'changes[field old_value new_value changed_by changed_at]',
    ],
  ],
  k: [['clone_%1', 'Creates a copy of %a.', '%1_id! name', 'id']],
  n: [['count_%n', 'Counts %n, grouped by a field.', 'group_by since until', 'counts[value count]']],
  s: [
    ['share_%1', 'Shares %a with users or groups.', '%1_id! user_ids role', 'share_url'],
    ['list_%1_permissions', 'Lists who has access to %a.', '%1_id!', 'permissions[user_id role]'],
  ],
  t: [
    ['add_%1_tag', 'Adds a tag to %a.', '%1_id! tag!', 'tags'],
    ['remove_%1_tag', 'Removes a tag from %a.', '%1_id! tag!', 'tags'],
  ],
  x: [
    ['export_%n', 'Exports %n as CSV or JSON.', 'format since', 'download_url expires_at'],
    ['import_%n', 'Imports %n from a file.', 'file_url!', 'imported failed errors'],
  ],
};

/** Verbs of special operations that begin the name, with the rest after the resource: `get_leave_request_balance`. */
const AROUND = /^(list|get|find|check|set|start|request|reset|submit|preview|schedule|send|mark)_(.+)$/;

export function readServices(text = read('services.txt')): ToolManifest[] {
  return text.split(/^(?=== )/m).flatMap((service, at) => {
    const [head = '', ...lines] = service.trimEnd().split('\n');
    const name = /^== (\w+):/.exec(head)?.[1] ?? '';
    const sentences = EVERY[at % EVERY.length] ?? [];
    return lines.flatMap((line) =>
      operationsOf(line, sentences).map(([operation, description, args, result]) =>
        toolOf(`${name}.${operation}`, description, args, result),
      ),
    );
  });
}

function operationsOf(line: string, sentences: readonly string[]): Operation[] {
  const [one = '', what = '', fields = '', more = '', special = ''] = line
    .split('|')
    .map((part) => part.trim());
  const resource = { one, many: pluralOf(one), what, fields: fields.split(' ') };
  const row = `%n[id ${fields}] next_cursor`;
  const names = ['list_%n', 'get_%1', 'create_%1', 'update_%1', 'delete_%1', 'search_%n'];
  const shapes: [string, string][] = [
    ['limit cursor', row],
    ['%1_id!', `id ${fields} created_at updated_at`],
    [fields.replace(/^\S+/, '$&!'), `id ${fields} created_at`],
    [`%1_id! ${fields}`, `id ${fields} updated_at`],
    ['%1_id!', 'deleted'],
    ['query! filter limit cursor', row],
  ];
  return [
    ...shapes.map((shape, at): Operation => [names[at] as string, sentences[at] as string, ...shape]),
    ...[...new Set(`n${more}`)].flatMap((letter) => MORE[letter] ?? []),
    ...special.split(' ; ').flatMap((each): Operation[] => {
      const [, verb = '', description = ''] = /^(\w+): (.+)$/.exec(each) ?? [];
      if (verb === '') return [];
      const [, first, last] = AROUND.exec(verb) ?? [];
      return [[first ? `${first}_%1_${last}` : `${verb}_%1`, description, '%1_id!', 'id status results']];
    }),
  ].map((operation) => operation.map((part, at) => fill(part, resource, at === 1)) as Operation);
}

function fill(text: string, { one, many, what }: Resource, prose: boolean): string {
  const [single, all] = prose ? [one.replaceAll('_', ' '), many.replaceAll('_', ' ')] : [one, many];
  const article = /^[aeiou]/.test(one) ? 'an' : 'a';
  return text
    .replaceAll('%a', `${article} ${single}`)
    .replaceAll('%1', single)
    .replaceAll('%n', all)
    .replaceAll('%w', what);
}

function pluralOf(word: string): string {
  if (/[^aeiou]y$/.test(word)) return `${word.slice(0, -1)}ies`;
  return /(?:s|x|z|ch|sh)$/.test(word) ? `${word}es` : `${word}s`;
}

function toolOf(name: string, description: string, args: string, result: string): ToolManifest {
  const required = args.match(/\w+(?=!)/g) ?? [];
  return ToolManifest.parse({
    name,
    description,
    input_schema: { ...objectOf(args.replaceAll('!', '')), required, additionalProperties: false },
    output_schema: objectOf(result),
    effects: 'read',
    idempotent: true,
    timeout_ms: 10_000,
    profile: { accuracy: 0.9, complexity: 'medium' },
  });
}

function objectOf(fields: string): JsonObject {
  return {
    type: 'object',
    properties: Object.fromEntries(
      (fields.match(/\w+\[[^\]]*\]|\w+/g) ?? []).map((field): [string, JsonObject] => {
        const [, name, inner] = /^(\w+)\[(.*)\]$/.exec(field) ?? [];
        if (name && inner !== undefined) return [name, { type: 'array', items: objectOf(inner) }];
        if (field.endsWith('_at')) return [field, { type: 'string', format: 'date-time' }];
        return [field, { type: 'string' }];
      }),
    ),
  };
}

function read(name: string): string {
  return readFileSync(new URL(name, import.meta.url), 'utf8');
}
