import { type Fault, faultsOf, PlanyardError } from '@planyard/contracts';
import { parse } from 'yaml';
import { z } from 'zod';

export const VariableType = z.enum(['string', 'number', 'boolean', 'list']);
export type VariableType = z.infer<typeof VariableType>;

const Variable = z.strictObject({
  type: VariableType,
  description: z.string().default(''),
});

const Version = z.strictObject({
  /** Part of labels such as `plan@2`, several of which stand in one line. */
  id: z.string().regex(/^[\w.-]{1,64}$/, 'letters, digits and _ . -; 64 at most'),
  date: z.iso.date(),
  content: z.string().min(1),
});

/** What every file under `prompts/` holds besides its name. */
export const promptFields = {
  description: z.string().min(1),
  variables: z.record(z.string().regex(/^[a-z][a-z0-9_]*$/), Variable).default({}),
  current: z.string().min(1),
  versions: z.array(Version).min(1),
};

/** A prompt file: its variables and every version of its text; `{{name}}` marks a variable in the text. */
export const Prompt = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9_/-]*$/),
  ...promptFields,
});
export type Prompt = z.infer<typeof Prompt>;
export type PromptVersion = z.infer<typeof Version>;
export type PromptValue = string | number | boolean | string[];

const PLACEHOLDER = /\{\{\s*([a-z][a-z0-9_]*)\s*\}\}/g;
/** What is meant as a variable and is none, where all placeholders are taken out. */
const NO_PLACEHOLDER = /\{\{.*?(?:\}\}|$)/gm;

/** What the YAML of a file says. Throws `invalid_config` that names the file. */
export function parseYaml(text: string, file: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    const [why] = String((cause as Error).message).split('\n');
    throw new PlanyardError('invalid_config', `${file} is not YAML: ${why}`, { cause });
  }
}

/** Reads one prompt file. Throws `invalid_config` with the file and every fault in it. */
export function parsePrompt(raw: unknown, file: string): Prompt {
  const parsed = Prompt.safeParse(raw);
  if (!parsed.success) throw refuseFile(file, 'a prompt', parsed.error);
  return toPrompt(parsed.data, file);
}

/** The prompt, if its versions hold together. Throws `invalid_config`. */
export function toPrompt(prompt: Prompt, file: string): Prompt {
  const errors = faultsOfVersions(prompt);
  if (errors.length > 0) throw notA(file, 'a prompt', errors);
  return prompt;
}

export function refuseFile(file: string, what: string, error: z.ZodError): PlanyardError {
  return notA(file, what, faultsOf(error));
}

function notA(file: string, what: string, errors: Fault[]): PlanyardError {
  const list = errors.map((fault) => `${fault.path}: ${fault.message}`).join('; ');
  return new PlanyardError('invalid_config', `${file} is not ${what}: ${list}`, { errors });
}

/** The version with that id, the current one without; undefined when there is none. */
export function versionOf(prompt: Prompt, id: string = prompt.current): PromptVersion | undefined {
  return prompt.versions.find((each) => each.id === id);
}

/** Fills a version's text. A variable that is missing, unknown or of another type is `prompt_error`, naming prompt, version and variable. */
export function renderPrompt(
  prompt: Prompt,
  version: PromptVersion,
  values: Record<string, PromptValue>,
): string {
  const refuse = (variable: string, fault: string): never => {
    throw new PlanyardError(
      'prompt_error',
      `prompt ${prompt.name}, version ${version.id}: variable ${variable} ${fault}`,
    );
  };
  for (const name of Object.keys(values))
    if (!Object.hasOwn(prompt.variables, name)) refuse(name, 'is unknown');
  const texts = new Map<string, string>();
  for (const [name, { type }] of Object.entries(prompt.variables)) {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) refuse(name, 'is missing');
    else if (typeOf(value) !== type) refuse(name, `must be a ${type}, not a ${typeOf(value)}`);
    else texts.set(name, Array.isArray(value) ? value.map((line) => `- ${line}`).join('\n') : String(value));
  }
  return version.content.replace(PLACEHOLDER, (_all, name: string) => texts.get(name) ?? '');
}

function typeOf(value: PromptValue): string {
  return Array.isArray(value) ? 'list' : typeof value;
}

function faultsOfVersions(prompt: Prompt): Fault[] {
  const ids = prompt.versions.map((version) => version.id);
  const faults: Fault[] = ids
    .filter((id, index) => ids.indexOf(id) !== index)
    .map((id) => ({ path: 'versions', message: `two versions are named ${id}` }));
  if (!ids.includes(prompt.current))
    faults.push({ path: 'current', message: `there is no version ${prompt.current}` });
  for (const version of prompt.versions) {
    const path = `versions.${version.id}`;
    for (const [, name] of version.content.matchAll(PLACEHOLDER))
      if (name && !Object.hasOwn(prompt.variables, name))
        faults.push({ path, message: `variable ${name} is not declared` });
    for (const [text] of version.content.replaceAll(PLACEHOLDER, ' ').matchAll(NO_PLACEHOLDER))
      faults.push({ path, message: `${text.slice(0, 80)} is not a variable: letters a to z, digits and _` });
  }
  return faults;
}
