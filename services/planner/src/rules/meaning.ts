import type { InventoryCatalog } from '@planyard/contracts';
import type { LANGUAGE } from './vocabulary.ts';

export type NamedItem = InventoryCatalog['items'][number];
export type Direction = 'in' | 'out' | 'both';

/** What a word or phrase of a question stands for. */
export type Meaning =
  | { kind: keyof typeof LANGUAGE | 'each_type' | 'number' | 'time' | 'unknown' | 'apart' }
  | { kind: 'item'; item: NamedItem }
  /** null: items of any type. */
  | { kind: 'type'; type: string | null }
  /** Of owner, environment and status, or of an attribute of its own. */
  | { kind: 'value' | 'attribute'; field: string; value: string }
  /** "not in production", "without an owner", "except db-01". */
  | { kind: 'except'; field: string; value?: string }
  /** A group is "by owner", "per zone". */
  | { kind: 'field' | 'group'; field: string }
  /** Of several the best first. `general`: "usage" beside "memory" says nothing more. */
  | { kind: 'metric'; metrics: string[]; general: boolean }
  | { kind: 'event'; types: string[] }
  /** `relations` null: any. `end`: told from its end, as "hosts" for "runs on". */
  | { kind: 'relation'; relations: string[] | null; deep: boolean; end?: boolean; direction?: Direction }
  | { kind: 'aggregation'; agg: string }
  | { kind: 'bound'; side: 'above' | 'below'; inclusive: boolean; number: number; unit: string | null }
  | { kind: 'bucket'; bucket: string };

export type Kind = Meaning['kind'];
export type MeaningOf<K extends Kind> = Extract<Meaning, { kind: K }>;
