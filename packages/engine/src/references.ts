import { compile } from '@jmespath-community/jmespath';
import { isReference, Reference } from '@planyard/contracts';

/** A place in a step's arguments that reads an earlier step. */
export interface FoundReference {
  /** As written: a plan's step id, or `attempt.id` for a step of an earlier attempt. */
  from: string;
  /** JMESPath; null for the whole result. */
  path: string | null;
  /** Where it stands, such as `args.ci_ids[0]`. */
  at: string;
}

/** A piece of a template: text, or a reference whose value is put in its place. */
export type TemplatePart = { text: string } | { from: string; path: string | null };

const STEP_NAME = /^(?:[1-9][0-9]*\.)?[A-Za-z][A-Za-z0-9_-]*/;

/** Splits `"load of ${owner.name}"` into its parts; `$${` stands for a literal `${`. Throws SyntaxError for an unclosed or nameless reference. */
export function parseTemplate(text: string): TemplatePart[] {
  const parts: TemplatePart[] = [];
  let literal = '';
  let at = 0;
  while (at < text.length) {
    if (text.startsWith('$${', at)) {
      literal += '${';
      at += 3;
    } else if (text.startsWith('${', at)) {
      const end = closingBrace(text, at + 2);
      if (literal) parts.push({ text: literal });
      literal = '';
      parts.push(parseInner(text.slice(at + 2, end).trim()));
      at = end + 1;
    } else {
      literal += text[at];
      at += 1;
    }
  }
  if (literal) parts.push({ text: literal });
  return parts;
}

/** Every reference in a value: `{"$from"}` objects and `${}` in strings. Throws SyntaxError with the place of a malformed one. */
export function collectReferences(value: unknown, at = 'args'): FoundReference[] {
  if (typeof value === 'string') {
    if (!value.includes('${')) return [];
    return locate(at, () => parseTemplate(value)).flatMap((part) =>
      'from' in part ? [{ ...part, at }] : [],
    );
  }
  if (value === null || typeof value !== 'object') return [];
  if (isReference(value)) {
    const reference = Reference.safeParse(value);
    if (!reference.success) throw new SyntaxError(`${at}: a reference is {"$from": step, "path": JMESPath}`);
    return [{ from: reference.data.$from, path: reference.data.path ?? null, at }];
  }
  if (Array.isArray(value)) return value.flatMap((item, index) => collectReferences(item, `${at}[${index}]`));
  return Object.entries(value).flatMap(([key, item]) => collectReferences(item, `${at}.${key}`));
}

/** What is wrong with a JMESPath expression, or null. */
export function checkPath(path: string): string | null {
  try {
    compile(path);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function parseInner(inner: string): TemplatePart {
  const name = STEP_NAME.exec(inner)?.[0];
  if (!name) throw new SyntaxError(`\${${inner}} names no step`);
  const rest = inner.slice(name.length);
  if (rest === '') return { from: name, path: null };
  if (rest.startsWith('.')) return { from: name, path: rest.slice(1) };
  if (rest.startsWith('[')) return { from: name, path: rest };
  throw new SyntaxError(`\${${inner}} is not step.path`);
}

/** The index of the brace that closes the one before `start`; braces inside quotes and multi-selects do not count. */
function closingBrace(text: string, start: number): number {
  let depth = 0;
  let quote = '';
  for (let at = start; at < text.length; at += 1) {
    const char = text[at] as string;
    if (quote) {
      if (char === '\\') at += 1;
      else if (char === quote) quote = '';
    } else if (char === "'" || char === '"' || char === '`') quote = char;
    else if (char === '{') depth += 1;
    else if (char === '}') {
      if (depth === 0) return at;
      depth -= 1;
    }
  }
  throw new SyntaxError(`"\${" is not closed in "${text.slice(0, 80)}"`);
}

function locate<T>(at: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new SyntaxError(`${at}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
