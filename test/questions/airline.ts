import type { InventoryFixture } from './inventory-fixture.ts';

/** An airline: several relations that are dependencies, and none that is called so. */
export const airline: InventoryFixture = {
  items: [
    ['mobile-app', 'Mobile App', 'application', 'digital', 'production'],
    ['check-in', 'Check-in', 'application', 'airport-systems', 'production'],
    ['refunds', 'Refunds', 'application', 'revenue', 'production'],
    ['loyalty', 'Loyalty', 'application', 'digital', 'production'],
    ['bookings-db', 'Bookings DB', 'database', 'digital', 'production', { engine: 'oracle' }],
    ['loyalty-db', 'Loyalty DB', 'database', 'digital', 'production', { engine: 'postgres' }],
    ['bag-scans', 'Bag Scans', 'kafka', 'airport-systems', 'production'],
    ['srv-lhr-1', 'London 1', 'server', 'infra', 'production', { site: 'london' }],
    ['srv-dub-1', 'Dublin 1', 'server', 'infra', 'production', { site: 'dublin' }],
  ],
  relations: [
    ['mobile-app', 'calls', 'check-in'],
    ['mobile-app', 'calls', 'loyalty'],
    ['refunds', 'calls', 'loyalty'],
    ['check-in', 'stores_in', 'bookings-db'],
    ['refunds', 'stores_in', 'bookings-db'],
    ['loyalty', 'stores_in', 'loyalty-db'],
    ['check-in', 'publishes', 'bag-scans'],
    ['bookings-db', 'hosted_on', 'srv-lhr-1'],
    ['loyalty-db', 'hosted_on', 'srv-dub-1'],
  ],
  metrics: [
    ['check-in', 'response_time', 'ms', 80, 40],
    ['bookings-db', 'conn_count', '', 12, 5],
    ['check-in', 'err_pct', '%', 1, 1],
    ['bag-scans', 'waiting', 'messages', 300, 50],
    ['bookings-db', 'cpu_percent', '%', 40, 10],
    ['loyalty-db', 'cpu_percent', '%', 15, 10],
    ['srv-lhr-1', 'cpu_percent', '%', 70, 10],
    ['srv-dub-1', 'cpu_percent', '%', 30, 10],
    ['srv-lhr-1', 'memory_percent', '%', 20, 5],
    ['srv-dub-1', 'memory_percent', '%', 50, 5],
    ['srv-lhr-1', 'disk_percent', '%', 90, 1],
    ['srv-dub-1', 'disk_percent', '%', 60, 1],
  ],
  events: [
    ['bookings-db', 'failover', 'warning', 260, 'Bookings DB moved to its standby'],
    ['check-in', 'rollback', 'info', 250, 'Check-in back to 13.9'],
    ['check-in', 'outage', 'critical', 200, 'Desks cannot print boarding passes'],
  ],
};
