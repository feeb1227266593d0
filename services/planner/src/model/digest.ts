import type { InventoryCatalog, Json } from '@planyard/contracts';
import type { StepState } from '@planyard/engine';
import { shortenValue } from './shorten-value.ts';

/** Characters a token has, about: enough to keep a prompt within its budget without a tokenizer. */
export const CHARS_PER_TOKEN = 4;

/** What inventories hold, within a number of tokens: of many items only the first are named. */
export function digestInventories(catalogs: InventoryCatalog[], tokens: number): string {
  const share = (tokens * CHARS_PER_TOKEN) / catalogs.length;
  return catalogs.map((catalog) => digestCatalog(catalog, share)).join('\n\n');
}

function digestCatalog(catalog: InventoryCatalog, chars: number): string {
  const head = [
    `## ${catalog.source}: ${catalog.item_count} items${catalog.sample ? ' (sample data)' : ''}`,
    `types: ${catalog.types.map((type) => `${type.name} (${type.count})`).join(', ')}`,
    `relations, read "a relation b": ${catalog.relation_types.join(', ')}`,
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
  return `${head.slice(0, chars)}\nitems: ${names.join(', ')}${more > 0 ? ` and ${more} more: search for them` : ''}`;
}

/** Every step of a run with how it ended and, within a number of tokens, what it gave. */
export function digestSteps(steps: StepState[], values: ReadonlyMap<string, Json>, tokens: number): string {
  if (steps.length === 0) return 'nothing';
  const share = shareOf(values.size, tokens);
  return steps.map((step) => digestStep(step, values.get(step.id), share)).join('\n\n');
}

/** Whether every result fits its share of the tokens as it is. */
export function showsAll(values: ReadonlyMap<string, Json>, tokens: number): boolean {
  const share = shareOf(values.size, tokens);
  return [...values.values()].every((value) => !shortenValue(value, share).cut);
}

/** Characters of each of several results. */
function shareOf(results: number, tokens: number): number {
  return Math.max(400, (tokens * CHARS_PER_TOKEN) / Math.max(1, results));
}

/** A step with how it ended and, within a number of characters, what it gave. */
export function digestStep(step: StepState, value: Json | undefined, chars: number): string {
  const args = JSON.stringify(step.bound_args ?? step.spec.args);
  const head = `[${step.id}] ${step.tool} ${cut(args, 500)}${step.spec.purpose ? ` (${step.spec.purpose})` : ''}`;
  if (value !== undefined) {
    const shown = shortenValue(value, chars);
    return `${head}\n${shown.text}${shown.cut ? ' (shortened)' : ''}`;
  }
  const why = step.error ? `: ${step.error.message}` : step.reason ? `: ${step.reason}` : '';
  return `${head}\n${step.status}${why}`;
}

function cut(text: string, chars: number): string {
  if (text.length <= chars) return text;
  return `${text.slice(0, chars)}… (cut: ${Math.round(chars)} of ${text.length} characters shown)`;
}
