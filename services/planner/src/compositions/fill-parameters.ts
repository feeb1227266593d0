import { isReference, type Json, type JsonObject, PARAMETERS, type Reference } from '@planyard/contracts';
import { checkPath, parseTemplate, query } from '@planyard/engine';
import { cannotExpand } from './cannot-expand.ts';

/** What stands for parameters and step names of a composition where it is put into a plan. */
export interface Filling {
  /** All of them, defaults too. */
  parameters: JsonObject;
  /** Of those the ones that may hold references and templates, as arguments of a plan do; the others are values as they are. */
  planned: ReadonlySet<string>;
  nameOf(step: string): string;
}

/** The value with its parameters in their places, and its references to the composition's steps by the names they have in the plan. */
export function fillParameters(value: Json, filling: Filling): Json {
  if (typeof value === 'string') return value.includes('${') ? fillText(value, filling) : value;
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((item) => fillParameters(item, filling));
  if (isReference(value)) return fillReference(value, filling);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fillParameters(item, filling)]));
}

function fillReference(reference: Reference, filling: Filling): Json {
  const { $from, path } = reference;
  if ($from !== PARAMETERS) return { ...reference, $from: filling.nameOf($from) } as unknown as Json;
  const { name, value } = parameterAt(path ?? '', filling);
  return filling.planned.has(name) ? value : literal(value);
}

function fillText(text: string, filling: Filling): string {
  return parseTemplate(text)
    .map((part) => {
      if ('text' in part) return escaped(part.text);
      if (part.from !== PARAMETERS) return written(filling.nameOf(part.from), part.path);
      const { name, value } = parameterAt(part.path ?? '', filling);
      if (isReference(value)) return written(value.$from, value.path ?? null);
      if (holdsReference(value))
        throw cannotExpand(`args.${name}`, 'it is put into a text: references go whole, or into a template');
      const shown = typeof value === 'string' ? value : JSON.stringify(value);
      // A text of the plan is a template already.
      return filling.planned.has(name) ? shown : escaped(shown);
    })
    .join('');
}

/** What a path of the parameters yields: a value, or a reference that reads on where a parameter's own one ends. */
function parameterAt(path: string, { parameters }: Filling): { name: string; value: Json } {
  const name = /^[a-z][a-z0-9_]*/.exec(path)?.[0] ?? '';
  const value = parameters[name] ?? null;
  const rest = path.slice(name.length).replace(/^\./, '');
  if (rest === '') return { name, value };
  if (isReference(value)) {
    const reference = joined(value, rest);
    const wrong = checkPath(reference.path ?? '');
    if (wrong) throw cannotExpand(`args.${name}`, `"${path}" of a reference: ${wrong}`);
    return { name, value: reference as unknown as Json };
  }
  try {
    return { name, value: query(parameters, path) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw cannotExpand(`args.${name}`, `"${path}" of it: ${message}`, error);
  }
}

/** A reference that reads on where another one ends. */
function joined({ $from, path }: Reference, rest: string): Reference {
  return { $from, path: path === undefined ? rest : `(${path}) | ${rest}` };
}

function written(from: string, path: string | null): string {
  if (path === null) return `\${${from}}`;
  return `\${${from}${path.startsWith('[') ? '' : '.'}${path}}`;
}

/** The value as arguments write it that hold no references. */
function literal(value: Json): Json {
  if (typeof value === 'string') return escaped(value);
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(literal);
  if (isReference(value)) throw cannotExpand('args', 'a value, not a reference');
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, literal(item)]));
}

function holdsReference(value: Json): boolean {
  if (value === null || typeof value !== 'object') return false;
  return isReference(value) || Object.values(value).some(holdsReference);
}

function escaped(text: string): string {
  return text.replaceAll('${', () => '$${');
}
