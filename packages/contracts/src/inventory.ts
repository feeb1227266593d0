import { z } from 'zod';
import { Json } from './json.ts';

const name = z.string().min(1).max(200);

const earliest = Date.parse('0001-01-01T00:00:00Z');
const latest = Date.parse('9999-12-31T23:59:59.999Z');

/** Postgres refuses the other years that ISO 8601 can write. */
const at = z.iso
  .datetime({ offset: true, abort: true })
  .refine((written) => Date.parse(written) >= earliest && Date.parse(written) <= latest, {
    error: 'must lie in the years 0001 to 9999 of UTC',
  });

const decimal = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;

/** A number, or a CSV cell with one. Postgres' averages square what they sum, and squares beyond 1e308 fail them. */
const sampleValue = z.preprocess(
  (written) => (typeof written === 'string' && decimal.test(written) ? Number(written) : written),
  z.number().gte(-1e100).lte(1e100),
);

/** A configuration item. `code` is its short unique name, such as `db-01`. */
export const InventoryItem = z
  .strictObject({
    code: name,
    name: name.optional(),
    type: name,
    description: z.string().max(4000).default(''),
    owner: name.nullable().default(null),
    environment: name.nullable().default(null),
    status: name.default('active'),
    attributes: z.record(z.string(), Json).default({}),
  })
  .meta({ id: 'InventoryItem' });
export type InventoryItem = z.infer<typeof InventoryItem>;

/** `from` relation `to`, both by code: `checkout depends_on orders-db`. */
export const InventoryRelation = z
  .strictObject({ from: name, relation: name, to: name })
  .meta({ id: 'InventoryRelation' });
export type InventoryRelation = z.infer<typeof InventoryRelation>;

export const MetricSample = z
  .strictObject({
    code: name,
    metric: name,
    at,
    value: sampleValue,
    unit: z.string().max(40).default(''),
  })
  .meta({ id: 'MetricSample' });
export type MetricSample = z.infer<typeof MetricSample>;

export const InventoryEvent = z
  .strictObject({
    code: name,
    type: name,
    severity: z.enum(['info', 'warning', 'error', 'critical']).default('info'),
    at,
    message: z.string().max(10_000),
    attributes: z.record(z.string(), Json).default({}),
  })
  .meta({ id: 'InventoryEvent' });
export type InventoryEvent = z.infer<typeof InventoryEvent>;

export const ImportKind = z.enum(['items', 'relations', 'metrics', 'events', 'backstage']);
export type ImportKind = z.infer<typeof ImportKind>;
