import type { Client } from '@planyard/sdk';
import { InvalidArgumentError } from 'commander';

/** Arguments of a tool. */
export type JsonArguments = NonNullable<NonNullable<Parameters<Client['runs']['decide']>[3]>['args']>;

/** Collects `name=value` options; the last one of a name counts. */
export function assignment(text: string, before: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1 || at === text.length - 1) throw new InvalidArgumentError('It is name=value.');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

export function jsonObject(text: string): JsonArguments {
  try {
    const value: unknown = JSON.parse(text);
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value as JsonArguments;
  } catch {}
  throw new InvalidArgumentError('It is a JSON object, such as {"host": "web-01"}.');
}

export function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) throw new InvalidArgumentError('It is a number above 0.');
  return value;
}

export function count(text: string): number {
  if (!/^[0-9]{1,9}$/.test(text)) throw new InvalidArgumentError('It is a whole number.');
  return Number(text);
}
