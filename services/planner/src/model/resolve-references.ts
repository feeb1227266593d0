import { isReference, type Json, type PlanStep } from '@planyard/contracts';
import { checkPath, collectReferences, type FoundReference } from '@planyard/engine';
import type { LocatedFault } from './plan-fault.ts';

/** Every reference of a step, and the faults of malformed ones. */
export function referencesOf(step: PlanStep): { found: FoundReference[]; faults: LocatedFault[] } {
  const found: FoundReference[] = [];
  const faults: LocatedFault[] = [];
  const places: [unknown, string][] = [
    [step.args, 'args'],
    [step.when, 'when'],
    [step.fallback?.args, 'fallback.args'],
  ];
  for (const [value, at] of places)
    try {
      found.push(...collectReferences(value, at));
    } catch (error) {
      faults.push({ path: at, expected: '{"$from": step, "path": JMESPath}', got: messageOf(error) });
    }
  for (const { path, at } of found) {
    const problem = path === null ? null : checkPath(path);
    if (problem) faults.push({ path: at, expected: 'a JMESPath expression', got: `${path}: ${problem}` });
  }
  return { found, faults };
}

/** The step with its references written as stored step ids, so that two attempts' steps of one name are not confused. */
export function withStoredIds(step: PlanStep, stored: (name: string) => string): PlanStep {
  return {
    ...step,
    args: rename(step.args, stored) as PlanStep['args'],
    after: step.after.map(stored),
    ...(step.when ? { when: { ...step.when, $from: stored(step.when.$from) } } : {}),
    ...(step.fallback
      ? {
          fallback: { ...step.fallback, args: rename(step.fallback.args, stored) as PlanStep['args'] },
        }
      : {}),
  };
}

function rename(value: Json, stored: (name: string) => string): Json {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((item) => rename(item, stored));
  if (isReference(value)) return { ...value, $from: stored(value.$from) } as unknown as Json;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, rename(item, stored)]));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
