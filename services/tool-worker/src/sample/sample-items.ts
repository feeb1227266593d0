import { InventoryItem, type InventoryRelation } from '@planyard/contracts';

type Service = [code: string, owner: string, tier: number, dependsOn: string[], hosts: string[]];

/** A shop: a dozen services over databases, a cache and queues, on hosts. */
const SERVICES: Service[] = [
  [
    'storefront',
    'team-web',
    1,
    ['cart', 'product-catalog', 'product-search', 'recommendations', 'accounts'],
    ['host-01', 'host-02'],
  ],
  ['checkout', 'team-commerce', 1, ['cart', 'payments', 'orders', 'accounts'], ['host-03', 'host-04']],
  ['cart', 'team-commerce', 1, ['session-cache', 'product-catalog', 'stock'], ['host-01', 'host-03']],
  ['payments', 'team-payments', 1, ['payments-db'], ['host-04', 'host-05']],
  ['orders', 'team-commerce', 1, ['orders-db', 'order-events', 'stock'], ['host-03', 'host-05']],
  ['stock', 'team-logistics', 2, ['stock-db', 'stock-updates'], ['host-06']],
  ['shipping', 'team-logistics', 2, ['order-events', 'stock-db', 'email-queue'], ['host-06']],
  ['notifications', 'team-platform', 3, ['email-queue', 'accounts'], ['host-07']],
  ['accounts', 'team-platform', 1, ['accounts-db', 'session-cache'], ['host-02', 'host-07']],
  ['product-catalog', 'team-web', 2, ['catalog-db', 'stock-updates'], ['host-01', 'host-02']],
  ['product-search', 'team-web', 2, ['catalog-db'], ['host-08']],
  ['recommendations', 'team-data', 3, ['catalog-db', 'order-events'], ['host-08']],
];

const DATABASES: [code: string, owner: string, host: string, sizeGb: number][] = [
  ['orders-db', 'team-commerce', 'host-09', 420],
  ['payments-db', 'team-payments', 'host-10', 180],
  ['accounts-db', 'team-platform', 'host-10', 95],
  ['catalog-db', 'team-web', 'host-09', 60],
  ['stock-db', 'team-logistics', 'host-10', 130],
  ['session-cache', 'team-platform', 'host-07', 8],
];

const QUEUES: [code: string, owner: string][] = [
  ['order-events', 'team-commerce'],
  ['email-queue', 'team-platform'],
  ['stock-updates', 'team-logistics'],
];

const HOSTS = Array.from({ length: 10 }, (_, index) => `host-${String(index + 1).padStart(2, '0')}`);

/** Every item says that it is made up. */
const SAMPLE = 'Sample data.';

export function sampleItems(): InventoryItem[] {
  return [
    ...SERVICES.map(([code, owner, tier]) =>
      item(code, 'service', `${SAMPLE} The ${titleOf(code)} service of a web shop.`, owner, {
        tier,
        language: tier === 3 ? 'python' : 'typescript',
      }),
    ),
    ...DATABASES.map(([code, owner, , size_gb]) =>
      item(code, 'database', `${SAMPLE} ${titleOf(code)} of a web shop.`, owner, {
        engine: code === 'session-cache' ? 'redis' : 'postgres',
        size_gb,
      }),
    ),
    ...QUEUES.map(([code, owner]) =>
      item(code, 'queue', `${SAMPLE} The ${titleOf(code)} queue of a web shop.`, owner, {
        broker: 'rabbitmq',
      }),
    ),
    ...HOSTS.map((code, index) =>
      item(code, 'host', `${SAMPLE} A virtual machine.`, 'team-platform', {
        cpu_cores: index < 8 ? 8 : 16,
        memory_gb: index < 8 ? 32 : 64,
        zone: index % 2 === 0 ? 'eu-1a' : 'eu-1b',
      }),
    ),
  ];
}

export function sampleRelations(): InventoryRelation[] {
  return [
    ...SERVICES.flatMap(([code, , , dependsOn, hosts]) => [
      ...dependsOn.map((to) => ({ from: code, relation: 'depends_on', to })),
      ...hosts.map((to) => ({ from: code, relation: 'runs_on', to })),
    ]),
    ...DATABASES.map(([code, , host]) => ({ from: code, relation: 'runs_on', to: host })),
    ...QUEUES.map(([code]) => ({ from: code, relation: 'runs_on', to: 'host-07' })),
  ];
}

function item(
  code: string,
  type: string,
  description: string,
  owner: string,
  attributes: InventoryItem['attributes'],
): InventoryItem {
  return InventoryItem.parse({
    code,
    name: titleOf(code),
    type,
    description,
    owner,
    environment: 'production',
    attributes: { ...attributes, sample: true },
  });
}

/** "orders-db" → "Orders DB" */
function titleOf(code: string): string {
  return code
    .split('-')
    .map((word) => (word === 'db' ? 'DB' : `${word.charAt(0).toUpperCase()}${word.slice(1)}`))
    .join(' ');
}
