import type { Json } from '@planyard/contracts';
import type { Evidence } from '../results.ts';
import type { Asked, Describe, Show } from './describer.ts';
import { neighbours, paths } from './graph-results.ts';
import { groups, itemDetails, items } from './item-results.ts';
import { events, figures, firings, series } from './time-results.ts';

const DESCRIPTIONS: Record<string, Describe> = {
  'ci.search': items,
  'ci.list_preview': items,
  'ci.get': itemDetails,
  'ci.get_by_code': itemDetails,
  'ci.aggregate': groups,
  'metric.aggregate': figures,
  'metric.series': series,
  'graph.expand': neighbours,
  'graph.path': paths,
  'history.event_log': events,
  'cep.simulate': firings,
};

const RAW_CHARS = 600;

/** A step's result in sentences, with the mark that cites it. Results of tools that nobody has described are told by their records, else as they are. */
export function describeResult({ step, value }: Evidence, show: Show = {}): string {
  const asked: Asked = {
    purpose: step.spec.purpose || `the result of ${step.tool}`,
    args: step.bound_args ?? step.spec.args,
    show,
  };
  const text = DESCRIPTIONS[step.tool]?.(value, asked) ?? describeUnknown(step, value, asked.purpose);
  return `${text} [${step.id}]`;
}

function describeUnknown(step: Evidence['step'], value: Json, purpose: string): string {
  const titles = step.result?.records.map((record) => record.title) ?? [];
  const text = titles.length > 0 ? titles.join('; ') : JSON.stringify(value);
  return `${purpose}: ${text.length > RAW_CHARS ? `${text.slice(0, RAW_CHARS)}…` : text}`;
}
