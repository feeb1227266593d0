import type { Question } from './question.ts';
import { dependentsAndLoad, figure, pointed, pointing, ranked, since } from './truth.ts';

/** Figures of metrics, of items and of what is related to them. */
export const SAMPLE_METRICS: Question[] = [
  {
    question: 'Which are the 3 largest databases, and how loaded are they?',
    truth: ranked(
      'avg(s.value)',
      'cpu_usage',
      '1 hour',
      `i.id in (select id from items where tenant = $1 and type = 'database'
        order by (attributes ->> 'size_gb')::int desc limit 3)`,
      'desc',
      3,
    ),
    lacks: ['session-cache'],
  },
  {
    question: 'What is the most loaded database, and what is its latency?',
    truth: `with first as (${ranked('avg(s.value)', 'cpu_usage', '1 hour', `i.type = 'database'`, 'desc', 1)})
      ${figure('avg(s.value)', 'latency_p95', '1 hour', `i.code = (select code from first)`)}`,
    contains: ['latency_p95 of the first by cpu_usage'],
  },
  {
    question: 'What depends on orders-db, how loaded is it and who owns it?',
    truth: dependentsAndLoad('depends_on', 'orders-db', 'cpu_usage'),
    contains: ['its owner is team-commerce'],
  },
  {
    question: 'average cpu of services owned by team-web in the last 6 hours',
    truth: ranked(
      'avg(s.value)',
      'cpu_usage',
      '6 hours',
      `i.type = 'service' and i.owner = 'team-web'`,
      'desc',
      9,
    ),
    ordered: true,
  },
  {
    question: 'Which hosts had the highest CPU in the last 24 hours?',
    truth: ranked('max(s.value)', 'cpu_usage', '24 hours', `i.type = 'host'`, 'desc', 5),
    ordered: true,
  },
  {
    question: 'Which service has the highest p95 latency, and who owns it?',
    truth: `select owner from items where tenant = $1 and code = (select code from (${ranked(
      'max(s.value)',
      'latency_p95',
      '1 hour',
      `i.type = 'service'`,
      'desc',
      1,
    )}) first)`,
    contains: ['its owner is'],
  },
  {
    question: 'Which service on host-01 has the highest memory usage?',
    truth: ranked(
      'max(s.value)',
      'memory_usage',
      '1 hour',
      `i.type = 'service' and i.id in (select from_id from relations where tenant = $1 and relation = 'runs_on'
        and to_id = (select id from items where tenant = $1 and code = 'host-01'))`,
      'desc',
      9,
    ),
    ordered: true,
  },
  {
    question: 'What was the average and the maximum p95 latency of checkout in the last 24 hours?',
    truth: figure('avg(s.value), max(s.value)', 'latency_p95', '24 hours', `i.code = 'checkout'`),
  },
  {
    question: 'min, max and average cpu of host-08 in the last 24 hours',
    truth: figure('min(s.value), max(s.value), avg(s.value)', 'cpu_usage', '24 hours', `i.code = 'host-08'`),
  },
  {
    question: 'What was the highest p95 latency of checkout in the last 24 hours?',
    truth: figure('max(s.value)', 'latency_p95', '24 hours', `i.code = 'checkout'`),
    contains: ['Maximum latency_p95 of checkout'],
  },
  {
    question: 'top 3 least loaded hosts',
    truth: ranked('avg(s.value)', 'cpu_usage', '1 hour', `i.type = 'host'`, 'asc', 3),
    ordered: true,
  },
  {
    question: 'Which queue had the most messages waiting in the last 3 days, and who owns it?',
    truth: `select i.code, i.owner, avg(s.value) from items i
      join metric_samples s on s.tenant = i.tenant and s.item_id = i.id
      where i.tenant = $1 and s.metric = 'queue_depth' and ${since('3 days')}
      group by i.code, i.owner order by avg(s.value) desc limit 1`,
    contains: ['its owner is'],
  },
  {
    question: 'what depends on orders-db and how loaded is it?',
    truth: dependentsAndLoad('depends_on', 'orders-db', 'cpu_usage'),
  },
  {
    question: 'Which services rely on Catalog DB, and how busy are they?',
    truth: pointing('depends_on', 'catalog-db'),
  },
  {
    question: 'What is the lowest memory usage of any database in the last 24 hours?',
    truth: ranked('min(s.value)', 'memory_usage', '24 hours', `i.type = 'database'`, 'asc', 1),
    contains: ['Minimum memory_usage'],
  },
  {
    question: 'which hosts are most loaded?',
    truth: ranked('avg(s.value)', 'cpu_usage', '1 hour', `i.type = 'host'`, 'desc', 5),
    ordered: true,
  },
  {
    question: 'Show the 3 busiest hosts over the last 24 hours',
    truth: ranked('avg(s.value)', 'cpu_usage', '24 hours', `i.type = 'host'`, 'desc', 3),
    ordered: true,
  },
  {
    question: "What's the least loaded server?",
    truth: ranked('avg(s.value)', 'cpu_usage', '1 hour', `i.type = 'host'`, 'asc', 1),
  },
  {
    question: 'cpu of host-08 today',
    contains: ['Average cpu_usage of host-08 from'],
    lacks: ['of items'],
  },
  {
    question: 'p95 latency of checkout last 24h',
    truth: figure(
      `percentile_cont(0.95) within group (order by s.value)`,
      'latency_p95',
      '24 hours',
      `i.code = 'checkout'`,
    ),
  },
  {
    question: 'What was the maximum CPU of host-08 during the past day?',
    truth: figure('max(s.value)', 'cpu_usage', '24 hours', `i.code = 'host-08'`),
  },
  {
    question: 'average memory usage of databases in the last 6 hours',
    truth: ranked('avg(s.value)', 'memory_usage', '6 hours', `i.type = 'database'`, 'desc', 6),
    ordered: true,
  },
  {
    question: 'which hosts had cpu above 85% in the last 7 days?',
    truth: `select i.code from items i join metric_samples s on s.tenant = i.tenant and s.item_id = i.id where i.tenant = $1 and i.type = 'host' and s.metric = 'cpu_usage' group by i.code having max(s.value) > 85`,
  },
  { question: "cpu of checkout's hosts", truth: `${pointed('runs_on', 'checkout')}` },
  {
    question: 'what is the connection count of orders-db?',
    truth: figure('avg(s.value)', 'connections', '1 hour', `i.code = 'orders-db'`),
  },
  {
    question: 'How has the cpu usage of host-08 developed today?',
    contains: ['highest'],
  },
  {
    question: 'Which host uses the most memory?',
    truth: ranked('avg(s.value)', 'memory_usage', '1 hour', `i.type = 'host'`, 'desc', 1),
  },
  {
    question: 'which host does orders-db run on and how loaded is that host?',
    contains: ['host-09'],
    lacks: ['host-02'],
  },
  {
    question: 'How much memory does payments use?',
    truth: figure('avg(s.value)', 'memory_usage', '1 hour', `i.code = 'payments'`),
    lacks: ['payments-db'],
  },
  {
    question: 'Which services have latency above 20 ms?',
    truth: `select distinct on (i.code) i.code, s.value from items i
      join metric_samples s on s.tenant = i.tenant and s.item_id = i.id
      where i.tenant = $1 and i.type = 'service' and s.metric = 'latency_p95' order by i.code, s.at desc`,
  },
  {
    question: 'When was the latency of checkout at its highest?',
    truth: `select max(s.value) from items i join metric_samples s on s.tenant = i.tenant and s.item_id = i.id
      where i.tenant = $1 and i.code = 'checkout' and s.metric = 'latency_p95'`,
  },
  {
    question: 'Load of all databases in the last day, worst first',
    truth: ranked('avg(s.value)', 'cpu_usage', '24 hours', `i.type = 'database'`, 'desc', 6),
    ordered: true,
  },
  {
    question: 'If stock-db goes down, who is affected, and how busy are they?',
    truth: ranked(
      'avg(s.value)',
      'cpu_usage',
      '1 hour',
      `i.code in ('cart', 'checkout', 'orders', 'shipping', 'stock', 'storefront')`,
      'desc',
      6,
    ),
  },
  {
    question: 'Average disk usage of hosts in zone eu-1b in the last 24 hours',
    truth: ranked(
      'avg(s.value)',
      'disk_usage',
      '24 hours',
      `i.type = 'host' and i.attributes ->> 'zone' = 'eu-1b'`,
      'desc',
      5,
    ),
  },
  {
    question: 'What would stop working if catalog-db were unavailable, and what is their CPU?',
    contains: [
      'What would be affected by catalog-db: 3 items directly',
      'Average cpu_usage of what would be',
    ],
  },
  {
    question: 'cpu of all hosts but host-08',
    truth: ranked(
      'avg(s.value)',
      'cpu_usage',
      '1 hour',
      `i.type = 'host' and i.code <> 'host-08'`,
      'desc',
      9,
    ),
    lacks: ['; host-08'],
  },
  {
    question: 'How busy is the email queue?',
    truth: figure('avg(s.value)', 'queue_depth', '1 hour', `i.code = 'email-queue'`),
    lacks: ['cpu_usage'],
  },
  {
    question: 'error rate of orders during the last week, by day?',
    truth: `select avg(s.value) as value from items i
      join metric_samples s on s.tenant = i.tenant and s.item_id = i.id
      where i.tenant = $1 and i.code = 'orders' and s.metric = 'error_rate' and ${since('7 days')}
      group by date_bin('1 day', s.at, 'epoch'::timestamptz)`,
  },
  {
    question: 'Show the cpu trend of host-04 since yesterday',
    lacks: ['23:59 UTC'],
  },
  {
    question: 'Is CPU usage of host-04 going up or down since yesterday?',
    lacks: ['23:59 UTC'],
  },
  {
    question: 'How much memory do databases use?',
    truth: ranked('avg(s.value)', 'memory_usage', '1 hour', `i.type = 'database'`, 'desc', 6),
  },
  {
    question: 'How much cpu is used by payments?',
    truth: figure('avg(s.value)', 'cpu_usage', '1 hour', `i.code = 'payments'`),
    lacks: ['checkout'],
  },
  {
    question: "What's the busiest queue at the moment?",
    truth: ranked('avg(s.value)', 'queue_depth', '1 hour', `i.type = 'queue'`, 'desc', 3),
    ordered: true,
  },
  {
    question: 'are there any queues with more than 20 messages?',
    contains: ['Newest value of queue_depth of items of type queue', 'above 20: '],
  },
  {
    question: 'how many hosts are there and which one is the most loaded?',
    truth: ranked('avg(s.value)', 'cpu_usage', '1 hour', `i.type = 'host'`, 'desc', 5),
    lacks: ['cpu_usage of items, highest'],
  },
  {
    question: 'max latency per service in the last 6 hours',
    truth: ranked('max(s.value)', 'latency_p95', '6 hours', `i.type = 'service'`, 'desc', 12),
    ordered: true,
  },
  {
    question: 'Give me the three most loaded hosts by memory.',
    truth: ranked('avg(s.value)', 'memory_usage', '1 hour', `i.type = 'host'`, 'desc', 3),
    ordered: true,
    lacks: ['cpu_usage'],
  },
  {
    question: 'Which queue had the most messages in the last 2 days?',
    truth: ranked('avg(s.value)', 'queue_depth', '2 days', `i.type = 'queue'`, 'desc', 3),
    ordered: true,
  },
  {
    question: 'What relies on session-cache and how loaded is each of them?',
    truth: ranked(
      'avg(s.value)',
      'cpu_usage',
      '1 hour',
      `i.code in ('accounts', 'cart', 'checkout', 'notifications', 'storefront')`,
      'desc',
      5,
    ),
  },
  {
    question: 'What is the load of accounts-db and of everything that depends on it?',
    truth: ranked(
      'avg(s.value)',
      'cpu_usage',
      '1 hour',
      `i.code in ('accounts-db', 'accounts', 'checkout', 'notifications', 'storefront')`,
      'desc',
      5,
    ),
  },
];
