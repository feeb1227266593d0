import { InventoryEvent } from '@planyard/contracts';

/** A metric during an incident: the level it reaches, or stays above if it is there already. */
interface Effect {
  code: string;
  metric: string;
  reach: number;
}

/** Something that went wrong; its cause came before it. Times count back from the end of the data, in minutes. */
export interface Incident {
  /** When the effects begin. */
  startsAgo: number;
  endsAgo: number;
  effects: Effect[];
  events: {
    code: string;
    type: string;
    severity: InventoryEvent['severity'];
    ago: number;
    message: string;
    attributes?: InventoryEvent['attributes'];
  }[];
}

const HOUR = 60;
const DAY = 24 * HOUR;

export const INCIDENTS: Incident[] = [
  {
    startsAgo: 5 * DAY + 8 * HOUR,
    endsAgo: 5 * DAY + 6 * HOUR + 40,
    effects: [
      { code: 'checkout', metric: 'latency_p95', reach: 1100 },
      { code: 'checkout', metric: 'error_rate', reach: 7 },
      { code: 'checkout', metric: 'cpu_usage', reach: 88 },
      { code: 'storefront', metric: 'error_rate', reach: 2 },
    ],
    events: [
      {
        code: 'checkout',
        type: 'deployment',
        severity: 'info',
        ago: 5 * DAY + 8 * HOUR + 12,
        message: 'Deployed checkout 4.12.0: new tax calculation',
        attributes: { version: '4.12.0', author: 'mira' },
      },
      {
        code: 'checkout',
        type: 'alert',
        severity: 'error',
        ago: 5 * DAY + 7 * HOUR + 50,
        message: 'latency_p95 of checkout above 800 ms for 10 minutes',
      },
      {
        code: 'checkout',
        type: 'incident',
        severity: 'critical',
        ago: 5 * DAY + 7 * HOUR + 35,
        message: 'Checkout is slow and failing for some customers',
      },
      {
        code: 'checkout',
        type: 'deployment',
        severity: 'info',
        ago: 5 * DAY + 6 * HOUR + 50,
        message: 'Rolled checkout back to 4.11.3',
        attributes: { version: '4.11.3', author: 'mira' },
      },
      {
        code: 'checkout',
        type: 'recovery',
        severity: 'info',
        ago: 5 * DAY + 6 * HOUR + 35,
        message: 'Latency and errors of checkout are back to normal',
      },
    ],
  },
  {
    startsAgo: 3 * DAY + 4 * HOUR,
    endsAgo: 3 * DAY + 2 * HOUR + 15,
    effects: [
      { code: 'orders-db', metric: 'connections', reach: 360 },
      { code: 'orders-db', metric: 'cpu_usage', reach: 91 },
      { code: 'orders-db', metric: 'latency_p95', reach: 120 },
      { code: 'orders', metric: 'error_rate', reach: 10 },
      { code: 'orders', metric: 'latency_p95', reach: 900 },
      { code: 'checkout', metric: 'error_rate', reach: 5 },
      { code: 'host-09', metric: 'cpu_usage', reach: 85 },
    ],
    events: [
      {
        code: 'orders',
        type: 'config_change',
        severity: 'info',
        ago: 3 * DAY + 4 * HOUR + 15,
        message: 'Connection pool of orders raised from 20 to 120',
        attributes: { setting: 'DB_POOL_SIZE', from: 20, to: 120, author: 'jonas' },
      },
      {
        code: 'orders-db',
        type: 'alert',
        severity: 'error',
        ago: 3 * DAY + 3 * HOUR + 50,
        message: 'connections of orders-db above 300',
      },
      {
        code: 'orders',
        type: 'alert',
        severity: 'error',
        ago: 3 * DAY + 3 * HOUR + 45,
        message: 'error_rate of orders above 5 % for 10 minutes',
      },
      {
        code: 'orders-db',
        type: 'incident',
        severity: 'critical',
        ago: 3 * DAY + 3 * HOUR + 30,
        message: 'orders-db runs out of connections, orders fail',
      },
      {
        code: 'orders',
        type: 'config_change',
        severity: 'info',
        ago: 3 * DAY + 2 * HOUR + 25,
        message: 'Connection pool of orders set back to 20',
        attributes: { setting: 'DB_POOL_SIZE', from: 120, to: 20, author: 'jonas' },
      },
      {
        code: 'orders-db',
        type: 'recovery',
        severity: 'info',
        ago: 3 * DAY + 2 * HOUR + 5,
        message: 'orders-db accepts connections normally again',
      },
    ],
  },
  {
    startsAgo: DAY + 10 * HOUR,
    endsAgo: DAY + 6 * HOUR,
    effects: [
      { code: 'email-queue', metric: 'queue_depth', reach: 14_000 },
      { code: 'notifications', metric: 'error_rate', reach: 20 },
      { code: 'notifications', metric: 'memory_usage', reach: 86 },
    ],
    events: [
      {
        code: 'notifications',
        type: 'deployment',
        severity: 'info',
        ago: DAY + 10 * HOUR + 8,
        message: 'Deployed notifications 2.3.0: new mail templates',
        attributes: { version: '2.3.0', author: 'aiko' },
      },
      {
        code: 'email-queue',
        type: 'alert',
        severity: 'warning',
        ago: DAY + 9 * HOUR + 30,
        message: 'queue_depth of email-queue above 10000',
      },
      {
        code: 'notifications',
        type: 'incident',
        severity: 'error',
        ago: DAY + 9 * HOUR,
        message: 'Mails are not sent: notifications fails on the new templates',
      },
      {
        code: 'notifications',
        type: 'deployment',
        severity: 'info',
        ago: DAY + 6 * HOUR + 20,
        message: 'Deployed notifications 2.3.1: templates corrected',
        attributes: { version: '2.3.1', author: 'aiko' },
      },
      {
        code: 'notifications',
        type: 'recovery',
        severity: 'info',
        ago: DAY + 5 * HOUR + 40,
        message: 'The mail backlog is gone',
      },
    ],
  },
  {
    startsAgo: 4 * HOUR,
    endsAgo: 2 * HOUR + 30,
    effects: [
      { code: 'host-08', metric: 'cpu_usage', reach: 96 },
      { code: 'product-search', metric: 'latency_p95', reach: 950 },
      { code: 'recommendations', metric: 'cpu_usage', reach: 91 },
      { code: 'recommendations', metric: 'latency_p95', reach: 700 },
    ],
    events: [
      {
        code: 'recommendations',
        type: 'config_change',
        severity: 'info',
        ago: 4 * HOUR + 10,
        message: 'Model training of recommendations moved to business hours',
        attributes: { setting: 'TRAINING_SCHEDULE', from: 'nightly', to: 'hourly', author: 'lena' },
      },
      {
        code: 'host-08',
        type: 'alert',
        severity: 'warning',
        ago: 3 * HOUR + 45,
        message: 'cpu_usage of host-08 above 80 % for 10 minutes',
      },
      {
        code: 'product-search',
        type: 'incident',
        severity: 'error',
        ago: 3 * HOUR + 30,
        message: 'Search is slow: host-08 has no CPU left',
      },
      {
        code: 'recommendations',
        type: 'config_change',
        severity: 'info',
        ago: 2 * HOUR + 40,
        message: 'Model training of recommendations moved back to the night',
        attributes: { setting: 'TRAINING_SCHEDULE', from: 'hourly', to: 'nightly', author: 'lena' },
      },
      {
        code: 'host-08',
        type: 'recovery',
        severity: 'info',
        ago: 2 * HOUR + 25,
        message: 'cpu_usage of host-08 is back to normal',
      },
    ],
  },
];

/** Changes that broke nothing. */
const ROUTINE: [code: string, daysAgo: number, version: string][] = [
  ['storefront', 6.6, '9.4.0'],
  ['accounts', 6.1, '3.8.2'],
  ['product-search', 4.7, '1.19.0'],
  ['cart', 4.3, '5.0.4'],
  ['shipping', 2.6, '2.14.1'],
  ['payments', 2.2, '7.2.0'],
  ['stock', 0.9, '4.4.0'],
  ['storefront', 0.35, '9.5.0'],
];

/** Events up to `endMs`: those of the incidents, and routine deployments. */
export function sampleEvents(endMs: number): InventoryEvent[] {
  const at = (minutesAgo: number) => new Date(endMs - minutesAgo * 60_000).toISOString();
  return [
    ...INCIDENTS.flatMap((incident) =>
      incident.events.map(({ ago, ...event }) => InventoryEvent.parse({ ...event, at: at(ago) })),
    ),
    ...ROUTINE.map(([code, daysAgo, version]) =>
      InventoryEvent.parse({
        code,
        type: 'deployment',
        at: at(daysAgo * DAY),
        message: `Deployed ${code} ${version}`,
        attributes: { version, author: 'release-bot' },
      }),
    ),
  ];
}
