import { COLLECT_TOOL, type InventoryCatalog, type Json } from '@planyard/contracts';
import type { StepState } from '@planyard/engine';
import { shortenValue } from './shorten-value.ts';

/** Characters a token has, about: enough to keep a prompt within its budget without a tokenizer. */
export const CHARS_PER_TOKEN = 4;
/** Characters of a step's arguments where there is room. */
const ARGS = 500;

/** What inventories hold, within a number of tokens: of many items only the first are named. */
export function digestInventories(catalogs: InventoryCatalog[], tokens: number): string {
  const share = (tokens * CHARS_PER_TOKEN) / catalogs.length;
  return catalogs.map((catalog) => digestCatalog(catalog, share)).join('\n\n');
}

function digestCatalog(catalog: InventoryCatalog, chars: number): string {
  const head = [
    `## ${catalog.source}: ${catalog.item_count} items${catalog.sample ? ' (sample)' : ''}`,
    `types: ${catalog.types.map((type) => `${type.name} (${type.count})`).join(', ')}`,
    `relations: ${catalog.relation_types.join(', ')}`,
    `metrics: ${catalog.metrics.map((metric) => `${metric.name}${metric.unit ? ` [${metric.unit}]` : ''}`).join(', ')}`,
    `event types: ${catalog.event_types.join(', ')}`,
    ...Object.entries(catalog.attributes).map(([field, values]) => `${field}: ${values.join(', ')}`),
    ...(catalog.time_range ? [`data from ${catalog.time_range.from} to ${catalog.time_range.to}`] : []),
  ].join('\n');
  const names: string[] = [];
  let left = chars - head.length;
  for (const item of catalog.items) {
    const line = `${item.code} (${item.type}${item.name === item.code ? '' : `, ${item.name}`})`;
    left -= line.length + 2;
    if (left < 0) break;
    names.push(line);
  }
  const more = catalog.item_count - names.length;
  return `${head.slice(0, chars)}\nitems: ${names.join(', ')}${more > 0 ? ` (+${more})` : ''}`;
}

/** Every step of a run with how it ended and, within a number of tokens, what it gave. */
export function digestSteps(steps: StepState[], values: ReadonlyMap<string, Json>, tokens: number): string {
  if (steps.length === 0) return 'none';
  const { head, value } = sharesOf(steps, values, tokens);
  const told: string[] = [];
  let left = tokens * CHARS_PER_TOKEN;
  for (const step of steps) {
    const text = digestStep(step, values.get(step.id), value, head);
    left -= text.length + 2;
    if (left < 0) break;
    told.push(text);
  }
  const more = steps.length - told.length;
  return [...told, ...(more > 0 ? [`(+${more} steps)`] : [])].join('\n\n');
}

/** Whether every result fits its share of the tokens as it is. */
export function showsAll(steps: StepState[], values: ReadonlyMap<string, Json>, tokens: number): boolean {
  const share = sharesOf(steps, values, tokens).value;
  return resultsOf(steps, values).every((value) => !shortenValue(value, share).cut);
}

/** Characters of a head besides arguments: ids, the tool, the purpose. */
const AROUND = 150;
/** Characters of what a composition has collected: its steps give the results. */
const COLLECTED = 200;

/** Characters that each step's arguments and each result may take, so that all of them are told. */
function sharesOf(
  steps: StepState[],
  values: ReadonlyMap<string, Json>,
  tokens: number,
): { head: number; value: number } {
  const chars = tokens * CHARS_PER_TOKEN;
  const head = Math.min(ARGS, Math.max(40, chars / steps.length / 4));
  const left = chars - steps.length * (head + AROUND);
  return { head, value: Math.max(40, left / Math.max(1, resultsOf(steps, values).length)) };
}

function resultsOf(steps: StepState[], values: ReadonlyMap<string, Json>): Json[] {
  return steps.flatMap(({ id, tool }) => {
    const value = values.get(id);
    return tool === COLLECT_TOOL || value === undefined ? [] : [value];
  });
}

/** A step with how it ended and, within a number of characters, what it gave. */
export function digestStep(
  step: StepState,
  value: Json | undefined,
  charsOfValue: number,
  charsOfArgs = ARGS,
): string {
  const collects = step.tool === COLLECT_TOOL;
  const chars = collects ? Math.min(COLLECTED, charsOfValue) : charsOfValue;
  const args = collects ? '' : cut(JSON.stringify(step.bound_args ?? step.spec.args), charsOfArgs);
  const head = `[${step.id}] ${step.tool} ${args}${step.spec.purpose ? ` (${step.spec.purpose})` : ''}`;
  if (value !== undefined) {
    const shown = shortenValue(value, chars);
    return `${head}\n${shown.text}${shown.cut ? ' (shortened)' : ''}`;
  }
  const why = step.error ? `: ${step.error.message}` : step.reason ? `: ${step.reason}` : '';
  return `${head}\n${step.status}${why}`;
}

function cut(text: string, chars: number): string {
  if (text.length <= chars) return text;
  return `${text.slice(0, chars)}… (cut: ${Math.round(chars)} of ${text.length} characters)`;
}
