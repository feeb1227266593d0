import { readFileSync } from 'node:fs';

/** Copies of each table that stand around it in a grown database, with its words and a suffix. */
const SATELLITES = [
  'history',
  'archive',
  'import_staging',
  'tags',
  'notes',
  'audit',
  'snapshot',
  'sync_state',
  'backup',
  'stats',
];

interface WrittenTable {
  schema: string;
  name: string;
  comment: string;
  columns: { name: string; type: string; refers: string | null; values: string[] }[];
}

function linesOf(file: string): string[] {
  const text = readFileSync(new URL(file, import.meta.url), 'utf8');
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

/** A question, and the tables without which it cannot be answered. */
export function readQuestions(): { question: string; tables: string[] }[] {
  return linesOf('questions.txt').map((line) => {
    const [question = '', tables = ''] = line.split(' | ');
    return { question, tables: tables.split(', ') };
  });
}

function readWritten(): WrittenTable[] {
  return linesOf('schema.txt').map((line) => {
    const [schema = '', named = '', columns = ''] = line.split(' | ');
    const [name = '', comment = ''] = named.split(': ');
    return {
      schema,
      name,
      comment,
      columns: columns.split(/, (?![^[]*\])/).map((column) => {
        const [, own = '', type = '', refers, values] =
          /^(\w+) (\w+)(?: -> ([\w.]+))?(?: \[(.*)\])?$/.exec(column) ?? [];
        return { name: own, type, refers: refers ?? null, values: values?.split(',') ?? [] };
      }),
    };
  });
}

export interface ManyTables {
  schemas: string[];
  tables: number;
  /** Statements that make them. */
  statements: string[];
}

/** A database of a thousand tables: those of `schema.txt` and, around each, ten that look like it. */
export function manyTables(): ManyTables {
  const written = readWritten();
  const schemas = [...new Set(written.map(({ schema }) => schema))];
  const statements = schemas.map((schema) => `create schema ${schema}`);
  const keys: string[] = [];
  let tables = 0;
  const filler = Array.from({ length: 12 }, (_, at) => `attribute_${at + 1} text`).join(', ');
  for (const [at, { schema, name, comment, columns }] of written.entries()) {
    const full = `${schema}.${name}`;
    const own = columns.map((column) => `${column.name} ${column.type}`).join(', ');
    statements.push(
      `create table ${full} (id bigint primary key, ${own}, created_at timestamptz, updated_at timestamptz, ${filler});
       comment on table ${full} is '${comment}'`,
    );
    tables += 1;
    for (const { name: column, refers } of columns)
      if (refers) keys.push(`alter table ${full} add foreign key (${column}) references ${refers} (id)`);
    const valued = columns.filter(({ values }) => values.length > 0);
    if (valued.length > 0) {
      const lists = valued.map(({ values }) => `(array['${values.join("','")}'])[1 + n % ${values.length}]`);
      statements.push(
        `insert into ${full} (id, ${valued.map((column) => column.name).join(', ')})
         select n, ${lists.join(', ')} from generate_series(1, 20) n`,
      );
    }
    for (const suffix of SATELLITES) {
      if (tables + written.length - at - 1 >= 1_000) break;
      const copy = `${schema}.${name.replace(/s$/, '')}_${suffix}`;
      statements.push(
        `create table ${copy} (id bigint primary key, ${name.replace(/s$/, '')}_id bigint, ${own}, loaded_at timestamptz, ${filler})`,
      );
      tables += 1;
      if (suffix === 'tags' || suffix === 'notes')
        keys.push(
          `alter table ${copy} add foreign key (${name.replace(/s$/, '')}_id) references ${full} (id)`,
        );
    }
  }
  return { schemas, tables, statements: [...statements, ...keys, 'analyze'] };
}
