import { faultsOf, PlanyardError } from '@planyard/contracts';
import { LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';

/** The text of a YAML file as a schema wants it. Throws `invalid_config` with every fault, each with its place. */
export function parseConfigFile<S extends z.ZodType>(schema: S, text: string, path: string): z.output<S> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [broken] = document.errors;
  if (broken) {
    const at = lines.linePos(broken.pos[0]);
    throw configError(path, [{ path: `line ${at.line}`, message: broken.message }]);
  }
  const parsed = schema.safeParse(document.toJS() ?? {});
  if (!parsed.success) throw configError(path, faultsOf(parsed.error));
  return parsed.data;
}

export function configError(path: string, errors: { path: string; message: string }[]): PlanyardError {
  const told = errors.map((fault) => `${fault.path}: ${fault.message}`).join('; ');
  return new PlanyardError('invalid_config', `${path}: ${told}`, { errors });
}
