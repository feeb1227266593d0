import { z } from 'zod';
import { Timestamp } from './ids.ts';
import { Json } from './json.ts';

const name = z.string().min(1).max(200);

const decimal = /^\s*[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?\s*$/i;

/** A number, or a CSV cell with one. Postgres' averages square what they sum, and squares beyond 1e308 fail them. */
const sampleValue = z.preprocess(
  (written) => (typeof written === 'string' && decimal.test(written) ? Number(written) : written),
  z.number().gte(-1e100).lte(1e100),
);

/** What a planner may filter by: every one of them costs each look at an inventory. */
const MOST_ATTRIBUTES = 1_000;
const Attributes = z
  .record(z.string(), Json)
  .refine((attributes) => Object.keys(attributes).length <= MOST_ATTRIBUTES, {
    error: `at most ${MOST_ATTRIBUTES} attributes`,
  })
  .default({});

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
    attributes: Attributes,
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
    at: Timestamp,
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
    at: Timestamp,
    message: z.string().max(10_000),
    attributes: Attributes,
  })
  .meta({ id: 'InventoryEvent' });
export type InventoryEvent = z.infer<typeof InventoryEvent>;

export const ImportKind = z.enum(['items', 'relations', 'metrics', 'events', 'backstage']);
export type ImportKind = z.infer<typeof ImportKind>;
