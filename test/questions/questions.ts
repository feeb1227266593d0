/** A question to the rules, and what makes its answer right. */
export interface Question {
  inventory: 'sample' | 'bank' | 'hospital' | 'airline';
  question: string;
  /** SQL over the inventory of tenant $1: every value of every row stands in the answer, in the order of the rows where `ordered`. */
  truth?: string;
  ordered?: boolean;
  /** Texts that the answer, or for a failed run its error, holds. */
  contains?: string[];
  lacks?: string[];
  /** How the run ends; completed without it. */
  status?: 'completed' | 'partial' | 'failed';
  /** Pairs of steps whose times must overlap, by tool. */
  parallel?: [string, string];
}

const NEWEST = `(select max(last_at) from metrics where tenant = $1)`;
const since = (interval: string) => `s.at > ${NEWEST} - interval '${interval}' and s.at <= ${NEWEST}`;
const figure = (agg: string, metric: string, interval: string, where: string) =>
  `select ${agg} as value from items i join metric_samples s on s.tenant = i.tenant and s.item_id = i.id
   where i.tenant = $1 and s.metric = '${metric}' and ${since(interval)} and ${where}`;
const ranked = (agg: string, metric: string, interval: string, where: string, order: string, limit: number) =>
  `select i.code, ${agg} as value from items i join metric_samples s on s.tenant = i.tenant and s.item_id = i.id
   where i.tenant = $1 and s.metric = '${metric}' and ${since(interval)} and ${where}
   group by i.code order by value ${order}, i.code limit ${limit}`;
const listed = (where: string) => `select code from items i where tenant = $1 and ${where} order by code`;
const pointing = (relation: string, to: string) =>
  `select f.code from relations r join items f on f.tenant = r.tenant and f.id = r.from_id
   join items t on t.tenant = r.tenant and t.id = r.to_id
   where r.tenant = $1 and r.relation = '${relation}' and t.code = '${to}'`;
const pointed = (relation: string, from: string) =>
  `select t.code from relations r join items f on f.tenant = r.tenant and f.id = r.from_id
   join items t on t.tenant = r.tenant and t.id = r.to_id
   where r.tenant = $1 and r.relation = '${relation}' and f.code = '${from}'`;
const countBy = (field: string, where: string) =>
  `select ${field}, count(*)::int as count from items i where tenant = $1 and ${where} group by ${field} order by count desc, ${field}`;
const attributes = (field: string, where: string, order: string, limit: number) =>
  `select code, (attributes ->> '${field}')::int as value from items where tenant = $1 and ${where}
   order by value ${order}, code limit ${limit}`;
const happened = (where: string) =>
  `select e.message from item_events e join items i on i.tenant = e.tenant and i.id = e.item_id
   where e.tenant = $1 and ${where} order by e.at desc`;

const dependentsAndLoad = (relation: string, to: string, metric: string) =>
  `${pointing(relation, to)} union all select round(avg(s.value)::numeric, 4)::text from items i
   join metric_samples s on s.tenant = i.tenant and s.item_id = i.id
   where i.tenant = $1 and i.code = '${to}' and s.metric = '${metric}' and ${since('1 hour')}`;
/** "Yes, to" or "No, to", as `from` depends on `to` over any number of items; the answer names `told`. */
const reaches = (from: string, to: string, told = to) =>
  `with recursive way(id) as (
     select id from items where tenant = $1 and code = '${from}'
     union select r.to_id from relations r join way on r.from_id = way.id
     where r.tenant = $1 and r.relation = 'depends_on')
   select case when exists (select 1 from way join items i on i.id = way.id and i.tenant = $1 where i.code = '${to}')
     then 'Yes, ${told}' else 'No, ${told}' end`;

const SAMPLE: Question[] = [
  {
    inventory: 'sample',
    question: 'What was the average and the maximum p95 latency of checkout in the last 24 hours?',
    truth: figure('avg(s.value), max(s.value)', 'latency_p95', '24 hours', `i.code = 'checkout'`),
  },
  {
    inventory: 'sample',
    question: 'min, max and average cpu of host-08 in the last 24 hours',
    truth: figure('min(s.value), max(s.value), avg(s.value)', 'cpu_usage', '24 hours', `i.code = 'host-08'`),
  },
  {
    inventory: 'sample',
    question: 'What were the highest and the lowest CPU of host-08 in the last 24 hours?',
    status: 'failed',
    contains: ['"highest", "lowest"'],
  },
  {
    inventory: 'sample',
    question: 'What was the highest p95 latency of checkout in the last 24 hours?',
    truth: figure('max(s.value)', 'latency_p95', '24 hours', `i.code = 'checkout'`),
    contains: ['Maximum latency_p95 of checkout'],
  },
  {
    inventory: 'sample',
    question: 'Which databases are the largest and the smallest?',
    status: 'failed',
    contains: ['it is not clear what is asked with "databases"'],
  },
  {
    inventory: 'sample',
    question: 'top 3 least loaded hosts',
    truth: ranked('avg(s.value)', 'cpu_usage', '1 hour', `i.type = 'host'`, 'asc', 3),
    ordered: true,
  },
  {
    inventory: 'sample',
    question: 'What is the lowest memory usage of the busiest host?',
    status: 'failed',
    contains: ['"lowest", "memory usage", "busiest"'],
  },
  {
    inventory: 'sample',
    question: 'first and last incident of checkout',
    status: 'failed',
    contains: ['"first"'],
  },
  {
    inventory: 'sample',
    question: 'Which deployments took place in the last 4 days?',
    truth: happened(`e.type = 'deployment' and e.at > ${NEWEST} - interval '4 days'`),
  },
  {
    inventory: 'sample',
    question: 'What is running on the host that had the highest average CPU over the last 24 hours?',
    status: 'failed',
    contains: ['"running on"'],
  },
  {
    inventory: 'sample',
    question: 'What runs on the host with the highest cpu and memory?',
    status: 'failed',
    contains: ['"runs on"'],
  },
  {
    inventory: 'sample',
    question: 'Which queue had the most messages waiting in the last 3 days, and who owns it?',
    truth: `select i.code, i.owner, avg(s.value) from items i
      join metric_samples s on s.tenant = i.tenant and s.item_id = i.id
      where i.tenant = $1 and s.metric = 'queue_depth' and ${since('3 days')}
      group by i.code, i.owner order by avg(s.value) desc limit 1`,
    contains: ['its owner is'],
  },
  {
    inventory: 'sample',
    question: 'Which hosts are the busiest, and who owns it?',
    status: 'partial',
    lacks: ['its owner is'],
  },
  {
    inventory: 'sample',
    question: 'what depends on orders-db and how loaded is it?',
    truth: dependentsAndLoad('depends_on', 'orders-db', 'cpu_usage'),
  },
  {
    inventory: 'sample',
    question: 'Which services rely on Catalog DB, and how busy are they?',
    truth: pointing('depends_on', 'catalog-db'),
  },
  {
    inventory: 'sample',
    question: 'what changed before the last incident of checkout?',
    contains: ['Deployed checkout 4.12.0: new tax calculation'],
    parallel: ['history.event_log', 'graph.expand'],
  },
  {
    inventory: 'sample',
    question: 'What is the lowest memory usage of any database in the last 24 hours?',
    truth: ranked('min(s.value)', 'memory_usage', '24 hours', `i.type = 'database'`, 'asc', 1),
    contains: ['Minimum memory_usage'],
  },
  {
    inventory: 'sample',
    question: 'How many events were there in the last 4 days?',
    truth: `select count(*)::int from item_events e where tenant = $1 and e.at > ${NEWEST} - interval '4 days'`,
  },
  {
    inventory: 'sample',
    question: 'How many alerts were there in the last week by severity?',
    status: 'failed',
    contains: ['nothing here is known as "severity"'],
  },
  {
    inventory: 'sample',
    question: 'How many events are there by type?',
    status: 'failed',
    contains: ['"type" is not followed here'],
  },
  {
    inventory: 'sample',
    question: 'Which host has the most cpu cores?',
    truth: attributes('cpu_cores', `type = 'host'`, 'desc', 2),
    ordered: true,
  },
  {
    inventory: 'sample',
    question: 'Which host does payments-db run on, and what else is on it?',
    status: 'partial',
    lacks: ['payments-db (Payments DB) is'],
  },
  {
    inventory: 'sample',
    question: 'What happened in the 30 minutes before the orders-db incident?',
    contains: ['in the 30 minutes up to it', 'connections of orders-db above 300'],
    lacks: ['Connection pool of orders raised'],
  },
  {
    inventory: 'sample',
    question: 'What was changed prior to the orders-db incident?',
    contains: ['Connection pool of orders raised from 20 to 120'],
  },
  {
    inventory: 'sample',
    question: 'what led to the incident on product-search?',
    contains: ['Model training of recommendations moved to business hours'],
  },
  {
    inventory: 'sample',
    question: 'which hosts are most loaded?',
    truth: ranked('avg(s.value)', 'cpu_usage', '1 hour', `i.type = 'host'`, 'desc', 5),
    ordered: true,
  },
  {
    inventory: 'sample',
    question: 'Show the 3 busiest hosts over the last 24 hours',
    truth: ranked('avg(s.value)', 'cpu_usage', '24 hours', `i.type = 'host'`, 'desc', 3),
    ordered: true,
  },
  {
    inventory: 'sample',
    question: "What's the least loaded server?",
    truth: ranked('avg(s.value)', 'cpu_usage', '1 hour', `i.type = 'host'`, 'asc', 1),
  },
  {
    inventory: 'sample',
    question: 'path between checkout and orders-db',
    contains: ['checkout -depends_on-> orders -depends_on-> orders-db'],
  },
  {
    inventory: 'sample',
    question: 'How is checkout connected to payments-db?',
    contains: ['checkout -depends_on-> payments -depends_on-> payments-db'],
  },
  {
    inventory: 'sample',
    question: 'how many services does each team own?',
    truth: countBy('owner', `type = 'service'`),
  },
  {
    inventory: 'sample',
    question: 'Number of hosts per zone',
    truth: countBy(`attributes ->> 'zone'`, `type = 'host'`),
  },
  { inventory: 'sample', question: 'which team owns the most databases?', contains: ['team-platform 2'] },
  {
    inventory: 'sample',
    question: 'cpu of host-08 today',
    contains: ['Average cpu_usage of host-08 from'],
    lacks: ['of items'],
  },
  { inventory: 'sample', question: 'are all services running?', status: 'failed', contains: ['"running"'] },
  { inventory: 'sample', question: 'hosts with two disks', status: 'failed', contains: ['"two"'] },
  {
    inventory: 'sample',
    question: 'hosts with cpu over 50% and memory over 60%',
    status: 'failed',
    contains: ['"over 60 %" is not followed here'],
  },
  { inventory: 'sample', question: 'incidents on the 26th', status: 'failed', contains: ['"26th"'] },
  {
    inventory: 'sample',
    question: 'who owns order-db?',
    status: 'failed',
    contains: ['nothing here is known as "order-db"; there is orders-db'],
  },
  { inventory: 'sample', question: 'services written in go', status: 'failed', contains: ['"go"'] },
  {
    inventory: 'sample',
    question: 'What depends on stock-db and what changed there?',
    contains: ['deployment of stock-db of all', 'deployment of what depends on stock-db'],
  },
  { inventory: 'sample', question: 'list databases', truth: listed(`type = 'database'`) },
  { inventory: 'sample', question: 'Which DBs are there?', truth: listed(`type = 'database'`) },
  {
    inventory: 'sample',
    question: 'tell me about orders-db',
    truth: `select owner, attributes ->> 'engine', (attributes ->> 'size_gb') from items where tenant = $1 and code = 'orders-db'`,
  },
  {
    inventory: 'sample',
    question: "Who is the owner of the payments service's database?",
    contains: ['team-payments'],
  },
  { inventory: 'sample', question: 'who owns email-queue', contains: ['team-platform'] },
  {
    inventory: 'sample',
    question: 'p95 latency of checkout last 24h',
    truth: figure(
      `percentile_cont(0.95) within group (order by s.value)`,
      'latency_p95',
      '24 hours',
      `i.code = 'checkout'`,
    ),
  },
  {
    inventory: 'sample',
    question: 'What was the maximum CPU of host-08 during the past day?',
    truth: figure('max(s.value)', 'cpu_usage', '24 hours', `i.code = 'host-08'`),
  },
  {
    inventory: 'sample',
    question: 'average memory usage of databases in the last 6 hours',
    truth: ranked('avg(s.value)', 'memory_usage', '6 hours', `i.type = 'database'`, 'desc', 6),
    ordered: true,
  },
  {
    inventory: 'sample',
    question: 'when would an alert with cpu > 80 for 15 minutes have fired?',
    status: 'failed',
    contains: ['nothing here is known as "fired"'],
  },
  {
    inventory: 'sample',
    question: 'what would break if host-09 went down?',
    truth: pointing('runs_on', 'host-09'),
  },
  { inventory: 'sample', question: 'what runs on host-03?', truth: pointing('runs_on', 'host-03') },
  {
    inventory: 'sample',
    question: 'Which hosts does storefront run on?',
    truth: pointed('runs_on', 'storefront'),
  },
  { inventory: 'sample', question: 'dependencies of checkout', truth: pointed('depends_on', 'checkout') },
  {
    inventory: 'sample',
    question: 'how many incidents were there?',
    truth: `select count(*)::int from item_events where tenant = $1 and type = 'incident'`,
  },
  {
    inventory: 'sample',
    question: 'When was storefront last deployed?',
    truth: `select message from item_events where tenant = $1 and type = 'deployment' and message like 'Deployed storefront%' order by at desc limit 1`,
  },
  { inventory: 'sample', question: 'what does team-commerce own?', truth: listed(`owner = 'team-commerce'`) },
  {
    inventory: 'sample',
    question: 'which services are written in python',
    truth: listed(`attributes ->> 'language' = 'python'`),
  },
  {
    inventory: 'sample',
    question: "what is chekout's error rate?",
    status: 'failed',
    contains: ['nothing here is known as "chekout"'],
  },
  {
    inventory: 'sample',
    question: 'which hosts had cpu above 85% in the last 7 days?',
    truth: `select i.code from items i join metric_samples s on s.tenant = i.tenant and s.item_id = i.id where i.tenant = $1 and i.type = 'host' and s.metric = 'cpu_usage' group by i.code having max(s.value) > 85`,
  },
  {
    inventory: 'sample',
    question: 'what is the total size of the databases?',
    status: 'failed',
    contains: ['nothing here is known as "total"'],
  },
  {
    inventory: 'sample',
    question: 'what depends on foo-db?',
    status: 'failed',
    contains: ['nothing here is known as "foo-db"'],
  },
  {
    inventory: 'sample',
    question: 'which services are not in production?',
    contains: ['not of environment production: there are none'],
  },
  {
    inventory: 'sample',
    question: 'what is the capital of France?',
    status: 'failed',
    contains: ['"capital"', 'tell me about'],
  },
  {
    inventory: 'sample',
    question: 'which services are profitable?',
    status: 'failed',
    contains: ['"profitable"'],
  },
  {
    inventory: 'sample',
    question: 'how many hosts have 8 cpu cores?',
    truth: `select count(*)::int from items where tenant = $1 and type = 'host' and attributes ->> 'cpu_cores' = '8'`,
  },
  {
    inventory: 'sample',
    question: 'What services depend on stock-db, and who owns them?',
    contains: ['shipping (service, owner team-logistics'],
  },
  { inventory: 'sample', question: "cpu of checkout's hosts", truth: `${pointed('runs_on', 'checkout')}` },
  {
    inventory: 'sample',
    question: 'which team-web services depend on catalog-db?',
    status: 'failed',
    contains: ['"team-web"'],
  },
  {
    inventory: 'sample',
    question: 'what was deployed in the last 2 days?',
    contains: ['4 events', 'Deployed notifications 2.3.0'],
  },
  {
    inventory: 'sample',
    question: 'what is the connection count of orders-db?',
    truth: figure('avg(s.value)', 'connections', '1 hour', `i.code = 'orders-db'`),
  },
  {
    inventory: 'sample',
    question: 'WHAT DEPENDS ON ACCOUNTS-DB',
    truth: pointing('depends_on', 'accounts-db'),
  },
  { inventory: 'sample', question: 'how loaded is it?', status: 'failed', contains: ['"it"'] },
  { inventory: 'sample', question: 'which python services depend on order-events?', status: 'failed' },
  { inventory: 'sample', question: 'which services use databases?', status: 'failed' },
  {
    inventory: 'sample',
    question: 'How has the cpu usage of host-08 developed today?',
    contains: ['highest'],
  },
  {
    inventory: 'sample',
    question: 'what depends on the most loaded database?',
    status: 'failed',
    contains: ['"depends on"'],
  },
  {
    inventory: 'sample',
    question: 'what is running on the busiest host?',
    status: 'failed',
    contains: ['"running on"'],
  },
  {
    inventory: 'sample',
    question: 'what is used by the most loaded database?',
    status: 'failed',
    contains: ['"used by"'],
  },
  {
    inventory: 'sample',
    question: 'what runs on the 3 busiest hosts?',
    status: 'failed',
    contains: ['"runs on" is not followed here'],
  },
  {
    inventory: 'sample',
    question: 'what depends on the most loaded database in production?',
    status: 'failed',
    contains: ['"depends on"'],
  },
  { inventory: 'sample', question: 'when was cpu above 90?', status: 'failed', contains: ['"above 90"'] },
  {
    inventory: 'sample',
    question: 'How often did host-08 exceed 95% cpu?',
    status: 'failed',
    contains: ['"How often"'],
  },
  {
    inventory: 'sample',
    question: 'deployments by author',
    status: 'failed',
    contains: ['nothing here is known as "author"'],
  },
  {
    inventory: 'sample',
    question: 'Which host uses the most memory?',
    truth: ranked('avg(s.value)', 'memory_usage', '1 hour', `i.type = 'host'`, 'desc', 1),
  },
  {
    inventory: 'sample',
    question: 'which host does orders-db run on and how loaded is that host?',
    contains: ['host-09'],
    lacks: ['host-02'],
  },
  { inventory: 'sample', question: 'How loaded was orders-db during the last incident?', status: 'failed' },
  {
    inventory: 'sample',
    question: 'list all incidents with their severity',
    status: 'failed',
    contains: ['nothing here is known as "severity"'],
  },
  {
    inventory: 'sample',
    question: 'Which changes preceded the outage of orders-db?',
    contains: ['raised from 20 to 120'],
  },
  {
    inventory: 'sample',
    question: 'How much memory does payments use?',
    truth: figure('avg(s.value)', 'memory_usage', '1 hour', `i.code = 'payments'`),
    lacks: ['payments-db'],
  },
  {
    inventory: 'sample',
    question: 'Which services have latency above 20 ms?',
    truth: `select distinct on (i.code) i.code, s.value from items i
      join metric_samples s on s.tenant = i.tenant and s.item_id = i.id
      where i.tenant = $1 and i.type = 'service' and s.metric = 'latency_p95' order by i.code, s.at desc`,
  },
  {
    inventory: 'sample',
    question: 'Which services have latency above 2s?',
    status: 'failed',
    contains: ['"above 2 s"'],
  },
  {
    inventory: 'sample',
    question: 'Which databases are larger than 100 GB?',
    truth: attributes('size_gb', `type = 'database' and (attributes ->> 'size_gb')::int > 100`, 'desc', 9),
    ordered: true,
    lacks: ['accounts-db'],
  },
  {
    inventory: 'sample',
    question: 'How many databases are larger than 100GB?',
    contains: ['3 of 6'],
  },
  {
    inventory: 'sample',
    question: 'Which databases are larger than 100 TB?',
    status: 'failed',
    contains: ['"larger than 100 TB"'],
  },
  {
    inventory: 'sample',
    question: 'hosts with at least 16 cores',
    contains: ['at least 16: 2 of 10: host-09 16; host-10 16'],
  },
  {
    inventory: 'sample',
    question: 'Top 3 biggest databases',
    truth: attributes('size_gb', `type = 'database'`, 'desc', 3),
    ordered: true,
  },
  {
    inventory: 'sample',
    question: 'Which databases run on host-10 and how big are they?',
    truth: attributes('size_gb', `code in ('accounts-db', 'payments-db', 'stock-db')`, 'desc', 3),
    lacks: ['host-10 (Host 10) is'],
  },
  {
    inventory: 'sample',
    question: 'When did checkout have latency above 1,000 ms?',
    status: 'failed',
    contains: ['"above 1000 ms"'],
  },
  {
    inventory: 'sample',
    question: 'When was the latency of checkout at its highest?',
    truth: `select max(s.value) from items i join metric_samples s on s.tenant = i.tenant and s.item_id = i.id
      where i.tenant = $1 and i.code = 'checkout' and s.metric = 'latency_p95'`,
  },
  {
    inventory: 'sample',
    question: 'Load of all databases in the last day, worst first',
    truth: ranked('avg(s.value)', 'cpu_usage', '24 hours', `i.type = 'database'`, 'desc', 6),
    ordered: true,
  },
  {
    inventory: 'sample',
    question: 'Show the error rate of orders for 99 things',
    status: 'failed',
    contains: ['"99" is not followed here'],
  },
  {
    inventory: 'sample',
    question: 'how did memory of host-05 change over the week?',
    status: 'failed',
    contains: ['"change"'],
  },
  {
    inventory: 'sample',
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
    inventory: 'sample',
    question: 'How does checkout get to session-cache?',
    contains: ['checkout -depends_on-> accounts -depends_on-> session-cache'],
  },
  {
    inventory: 'sample',
    question: 'Which services depend on both orders-db and stock-db?',
    status: 'failed',
  },
  {
    inventory: 'sample',
    question: 'Which services run on the same host as payments?',
    status: 'failed',
    contains: ['nothing here is known as "same"'],
  },
  { inventory: 'sample', question: 'Is everything ok?', status: 'failed' },
  { inventory: 'sample', question: 'How many hosts are down?', status: 'failed' },
  { inventory: 'sample', question: 'How many databases per host?', status: 'failed' },
  {
    inventory: 'sample',
    question: 'Which team owns the fewest services, and how many databases use postgres?',
    contains: ['team-data 1; team-payments 1; team-logistics 2', 'with engine postgres: 5'],
  },
  {
    inventory: 'sample',
    question: 'What did mira deploy?',
    status: 'failed',
    contains: ['nothing here is known as "mira"'],
  },
  {
    inventory: 'sample',
    question: 'Did anyone deploy payments this week?',
    contains: ['Deployed payments 7.2.0'],
  },
  {
    inventory: 'sample',
    question: 'What version of storefront is running?',
    status: 'failed',
    contains: ['nothing here is known as "version"'],
  },
  {
    inventory: 'sample',
    question: 'all alerts, newest first',
    truth: happened(`e.type = 'alert'`),
    ordered: true,
  },
  {
    inventory: 'sample',
    question: 'Which configuration changes were there?',
    truth: happened(`e.type = 'config_change'`),
    lacks: ['Deployed'],
  },
  {
    inventory: 'sample',
    question: 'What happened between the alert and the recovery of orders-db?',
    status: 'failed',
  },
  {
    inventory: 'sample',
    question: 'Is there anything to do with email?',
    status: 'failed',
    contains: ['nothing here is known as "email"; there is email-queue'],
  },
  {
    inventory: 'sample',
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
    inventory: 'sample',
    question: 'What would stop working if catalog-db were unavailable, and what is their CPU?',
    contains: [
      'What would be affected by catalog-db: 3 items directly',
      'Average cpu_usage of what would be',
    ],
  },
  { inventory: 'sample', question: 'Is checkout working?', status: 'failed' },
  { inventory: 'sample', question: 'how do the hosts get to orders-db?', status: 'failed' },
  { inventory: 'sample', question: 'How many customers does checkout have?', status: 'failed' },
  {
    inventory: 'sample',
    question: 'What depends on host-07?',
    truth: pointing('runs_on', 'host-07'),
    contains: ['nothing is recorded', 'by any relation: 6 items directly'],
  },
  { inventory: 'sample', question: 'What depends on stock-db?', lacks: ['by any relation'] },
  { inventory: 'sample', question: 'last deployment of each service', status: 'failed' },
  {
    inventory: 'sample',
    question: 'did any deployment precede the incident of checkout?',
    contains: ['The last incident of checkout', 'Deployed checkout 4.12.0'],
  },
  {
    inventory: 'sample',
    question: 'give me all info on email queue',
    contains: ['email-queue (Email Queue) is of type queue'],
  },
  {
    inventory: 'sample',
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
    inventory: 'sample',
    question: 'Show me python services that are not tier 1',
    truth: listed(`attributes ->> 'language' = 'python' and attributes ->> 'tier' <> '1'`),
  },
  {
    inventory: 'sample',
    question: "How many services aren't owned by team-web?",
    truth: `select count(*)::int from items where tenant = $1 and type = 'service' and owner <> 'team-web'`,
  },
  {
    inventory: 'sample',
    question: 'Which services have not been deployed in the last 7 days?',
    status: 'failed',
    contains: ['"not" is not followed', 'Examples:'],
  },
  { inventory: 'sample', question: 'Which hosts are not running anything?', status: 'failed' },
  { inventory: 'sample', question: 'Which services have more than one host?', status: 'failed' },
  {
    inventory: 'sample',
    question: 'List services with their hosts',
    status: 'failed',
    contains: ['"hosts" is not followed here'],
  },
  {
    inventory: 'sample',
    question: 'services written in typescript or python',
    status: 'failed',
    contains: ['"python" is not followed here'],
  },
  {
    inventory: 'sample',
    question: 'Is email slow?',
    status: 'failed',
    contains: ['nothing here is known as "email"; there is email-queue'],
  },
  {
    inventory: 'sample',
    question: 'How busy is the email queue?',
    truth: figure('avg(s.value)', 'queue_depth', '1 hour', `i.code = 'email-queue'`),
    lacks: ['cpu_usage'],
  },
  {
    inventory: 'sample',
    question: 'How much storage do databases use in total?',
    status: 'failed',
    contains: ['nothing here is known as "total"'],
  },
  {
    inventory: 'sample',
    question: 'error rate of orders during the last week, by day?',
    truth: `select avg(s.value) as value from items i
      join metric_samples s on s.tenant = i.tenant and s.item_id = i.id
      where i.tenant = $1 and i.code = 'orders' and s.metric = 'error_rate' and ${since('7 days')}
      group by date_bin('1 day', s.at, 'epoch'::timestamptz)`,
  },
  {
    inventory: 'sample',
    question: 'How many services are using python?',
    truth: `select count(*)::int from items where tenant = $1 and type = 'service' and attributes ->> 'language' = 'python'`,
  },
  { inventory: 'sample', question: 'How many incidents per day?', status: 'failed' },
  {
    inventory: 'sample',
    question: 'What is the average latency of all services by team?',
    status: 'failed',
    contains: ['"team" is not followed here'],
  },
  { inventory: 'sample', question: 'Is anything down?', status: 'failed' },
  { inventory: 'sample', question: 'which services are broken?', status: 'failed' },
  { inventory: 'sample', question: 'Who made the most deployments?', status: 'failed' },
  {
    inventory: 'sample',
    question: 'Are there any critical alerts?',
    status: 'failed',
    contains: ['nothing here is known as "critical"'],
  },
  {
    inventory: 'sample',
    question: 'Which hosts are in zone b?',
    status: 'failed',
    contains: ['nothing here is known as "b"'],
  },
  {
    inventory: 'sample',
    question: 'Show the cpu trend of host-04 since yesterday',
    lacks: ['23:59 UTC'],
  },
  {
    inventory: 'sample',
    question: 'what services are affected by the last incident?',
    status: 'failed',
    contains: ['"affected by"'],
  },
  {
    inventory: 'sample',
    question: 'Why is checkout slow?',
    status: 'failed',
    contains: ['nothing here is known as "Why"'],
  },
  {
    inventory: 'sample',
    question: 'tell me about payments',
    contains: ['Depends on: payments-db (database).', 'Depends on it: checkout (service).'],
    lacks: ['depends_on'],
  },
  {
    inventory: 'sample',
    question: 'Who deployed storefront 9.5.0?',
    status: 'failed',
    contains: ['nothing here is known as "9.5.0"'],
  },
  {
    inventory: 'sample',
    question: 'How many hosts are there and who owns them?',
    truth: countBy('owner', `type = 'host'`),
  },
  {
    inventory: 'sample',
    question: 'Which databases are there and who owns each?',
    truth: `select code, owner from items where tenant = $1 and type = 'database'`,
  },
  {
    inventory: 'sample',
    question: 'Does checkout depend on stock-db?',
    truth: reaches('checkout', 'stock-db'),
  },
  {
    inventory: 'sample',
    question: 'Does checkout depend on email-queue?',
    truth: reaches('checkout', 'email-queue'),
  },
  {
    inventory: 'sample',
    question: 'Is orders-db used by orders?',
    truth: reaches('orders', 'orders-db', 'orders'),
  },
  {
    inventory: 'sample',
    question: 'How many services are there?',
    truth: `select count(*)::int from items where tenant = $1 and type = 'service'`,
    contains: ['The number of items of type service'],
  },
  { inventory: 'sample', question: 'Does anything run on both host-01 and host-02?', status: 'failed' },
  { inventory: 'sample', question: 'Is host-09 more loaded now than last week?', status: 'failed' },
  { inventory: 'sample', question: 'When was the last time host-08 was above 80% cpu?', status: 'failed' },
  {
    inventory: 'sample',
    question: 'Was anything changed before search became slow today?',
    status: 'failed',
    contains: ['"became"'],
  },
  {
    inventory: 'sample',
    question: 'Which team is responsible for recommendations and which others do they run?',
    status: 'partial',
    contains: ['its owner is team-data'],
    lacks: ['What recommendations runs on'],
  },
  {
    inventory: 'sample',
    question: 'How much memory do databases use?',
    truth: ranked('avg(s.value)', 'memory_usage', '1 hour', `i.type = 'database'`, 'desc', 6),
  },
  {
    inventory: 'sample',
    question: 'How much cpu is used by payments?',
    truth: figure('avg(s.value)', 'cpu_usage', '1 hour', `i.code = 'payments'`),
    lacks: ['checkout'],
  },
  {
    inventory: 'sample',
    question: "What's the busiest queue at the moment?",
    truth: ranked('avg(s.value)', 'queue_depth', '1 hour', `i.type = 'queue'`, 'desc', 3),
    ordered: true,
  },
  {
    inventory: 'sample',
    question: 'list all databases sorted by size',
    truth: attributes('size_gb', `type = 'database'`, 'desc', 9),
    ordered: true,
  },
  {
    inventory: 'sample',
    question: 'which hosts have 8 cores and are in zone eu-1a?',
    truth: listed(`attributes ->> 'cpu_cores' = '8' and attributes ->> 'zone' = 'eu-1a'`),
    lacks: ['host-02', 'host-09'],
  },
  {
    inventory: 'sample',
    question: 'which team owns the slowest service?',
    status: 'failed',
    contains: ['"team", "owns"'],
  },
  { inventory: 'sample', question: 'which team owns the largest database?', status: 'failed' },
  { inventory: 'sample', question: 'what is the cpu of host-01 compared to the average?', status: 'failed' },
  {
    inventory: 'sample',
    question: 'are there any queues with more than 20 messages?',
    contains: ['Newest value of queue_depth of items of type queue', 'above 20: '],
  },
  {
    inventory: 'sample',
    question: 'What was done to host-08 since the alert?',
    contains: ['in the time from it', 'cpu_usage of host-08 is back to normal'],
  },
  {
    inventory: 'sample',
    question: 'how did the last deployment of checkout affect latency?',
    status: 'failed',
  },
  {
    inventory: 'sample',
    question: 'how many hosts are there and which one is the most loaded?',
    truth: ranked('avg(s.value)', 'cpu_usage', '1 hour', `i.type = 'host'`, 'desc', 5),
    lacks: ['cpu_usage of items, highest'],
  },
  {
    inventory: 'sample',
    question: 'max latency per service in the last 6 hours',
    truth: ranked('max(s.value)', 'latency_p95', '6 hours', `i.type = 'service'`, 'desc', 12),
    ordered: true,
  },
  { inventory: 'sample', question: 'give me an overview', truth: countBy('type', 'true') },
  { inventory: 'sample', question: 'What is there?', truth: countBy('type', 'true') },
  {
    inventory: 'sample',
    question: 'Who should I call if payments is down?',
    contains: ['team-payments'],
    lacks: ['would be affected'],
  },
  {
    inventory: 'sample',
    question: 'Give me the three most loaded hosts by memory.',
    truth: ranked('avg(s.value)', 'memory_usage', '1 hour', `i.type = 'host'`, 'desc', 3),
    ordered: true,
    lacks: ['cpu_usage'],
  },
  {
    inventory: 'sample',
    question: 'Which queue had the most messages in the last 2 days?',
    truth: ranked('avg(s.value)', 'queue_depth', '2 days', `i.type = 'queue'`, 'desc', 3),
    ordered: true,
  },
  {
    inventory: 'sample',
    question: 'What would stop working if stock-db went away?',
    truth: pointing('depends_on', 'stock-db'),
    contains: ['would be affected'],
  },
  {
    inventory: 'sample',
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
    inventory: 'sample',
    question: 'What depends on accounts-db and how heavily is it used?',
    status: 'partial',
    contains: ['1 item directly: accounts'],
  },
  {
    inventory: 'sample',
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
  {
    inventory: 'sample',
    question: 'Which alerts were there on orders-db and on what depends on it?',
    contains: ['connections of orders-db above 300', 'error_rate of orders above 5 %'],
  },
  {
    inventory: 'sample',
    question: 'When did notifications last get deployed, and by whom?',
    contains: ['2.3.1', 'author aiko'],
    lacks: ['2.3.0'],
  },
];

const BANK: Question[] = [
  {
    inventory: 'bank',
    question: 'Which site has more servers?',
    status: 'failed',
    contains: ['nothing here is known as "more"'],
  },
  {
    inventory: 'bank',
    question: 'Who uses the customer vault and is it under heavy load?',
    truth: dependentsAndLoad('uses', 'customer-vault', 'processor_load'),
  },
  {
    inventory: 'bank',
    question: 'What changed in the hours before the last outage of Card Authoriser?',
    contains: ['Pool size of the authoriser changed', 'in the 24 hours up to it'],
  },
  {
    inventory: 'bank',
    question: 'Did the response time of the web portal go up today?',
    contains: ['Response_time over time of web-portal', 'highest'],
  },
  { inventory: 'bank', question: 'outages of more than 10 minutes', status: 'failed' },
  { inventory: 'bank', question: 'How many applications are there for each customer?', status: 'failed' },
  {
    inventory: 'bank',
    question: 'releases before today',
    lacks: ['Web Portal 22'],
    contains: ['Card Authoriser 8.1'],
  },
  {
    inventory: 'bank',
    question: 'What depends on core-ledger and how loaded is it?',
    truth: dependentsAndLoad('uses', 'core-ledger', 'processor_load'),
  },
  {
    inventory: 'bank',
    question: 'which applications use the customer vault',
    truth: pointing('uses', 'customer-vault'),
  },
  {
    inventory: 'bank',
    question: 'What changed before the last outage of Card Authoriser?',
    contains: ['Pool size of the authoriser changed', 'Fraud Engine 3.3 with new model'],
  },
  {
    inventory: 'bank',
    question: 'Which servers are the most loaded?',
    truth: ranked('avg(s.value)', 'processor_load', '1 hour', `i.type = 'server'`, 'desc', 3),
    ordered: true,
  },
  { inventory: 'bank', question: 'what is hosted on fra-srv-8?', truth: pointing('hosted_on', 'fra-srv-8') },
  {
    inventory: 'bank',
    question: 'Where is the Web Portal hosted?',
    truth: pointed('hosted_on', 'web-portal'),
  },
  {
    inventory: 'bank',
    question: 'How many applications per owner?',
    truth: countBy('owner', `type = 'application'`),
  },
  { inventory: 'bank', question: 'list all data stores', truth: listed(`type = 'data store'`) },
  {
    inventory: 'bank',
    question: 'Applications owned by Digital Channels',
    truth: listed(`owner = 'Digital Channels' and type = 'application'`),
  },
  {
    inventory: 'bank',
    question: 'which application is the slowest?',
    truth: ranked('avg(s.value)', 'response_time', '1 hour', `i.type = 'application'`, 'desc', 1),
  },
  {
    inventory: 'bank',
    question: 'Which applications are slower than 400 ms?',
    contains: ['above 400: 1 of 5: loan-origination'],
  },
  {
    inventory: 'bank',
    question: 'max response time of fraud engine in the last 12 hours',
    truth: figure('max(s.value)', 'response_time', '12 hours', `i.code = 'fraud-engine'`),
  },
  {
    inventory: 'bank',
    question: 'shortest path from mobile banking to risk-mart',
    contains: ['mobile-banking -uses-> card-authoriser -uses-> fraud-engine -uses-> risk-mart'],
  },
  {
    inventory: 'bank',
    question: 'how many outages were there in the last 2 days?',
    truth: `select count(*)::int from item_events where tenant = $1 and type = 'outage'`,
  },
  {
    inventory: 'bank',
    question: 'Which topic has the largest backlog right now?',
    contains: ['alerts-topic'],
  },
  {
    inventory: 'bank',
    question: 'What happened to the fraud-engine?',
    truth: happened(`i.code = 'fraud-engine'`),
  },
  { inventory: 'bank', question: 'what is the status of Statement Printer?', contains: ['retired'] },
  {
    inventory: 'bank',
    question: 'what would be affected if London Mainframe 1 failed',
    contains: ['core-ledger', 'card-authoriser', 'mobile-banking'],
  },
  { inventory: 'bank', question: 'items in uat', truth: listed(`environment = 'uat'`) },
  { inventory: 'bank', question: 'what sits on fra-srv-7?', truth: pointing('hosted_on', 'fra-srv-7') },
  {
    inventory: 'bank',
    question: 'is the fraud engine dependent on the risk mart?',
    contains: ['fraud-engine uses risk-mart'],
  },
  {
    inventory: 'bank',
    question: 'Show me all java applications',
    truth: listed(`attributes ->> 'language' = 'java'`),
  },
  { inventory: 'bank', question: 'which data store is used by the most applications?', status: 'failed' },
];

const HOSPITAL: Question[] = [
  {
    inventory: 'hospital',
    question: 'Which items have no maker?',
    truth: listed(`attributes ->> 'maker' is null`),
    lacks: ['MRI-1'],
  },
  {
    inventory: 'hospital',
    question: 'Who looks after the blood fridge?',
    status: 'failed',
    contains: ['nothing here is known as "blood"'],
  },
  {
    inventory: 'hospital',
    question: 'response of the Health Record hour by hour',
    status: 'failed',
    contains: ['"hour"'],
  },
  {
    inventory: 'hospital',
    question: 'which wards would notice if ehr stopped?',
    contains: ['what would be affected by ehr: 2 items directly: icu', 'ward-a'],
  },
  {
    inventory: 'hospital',
    question: 'How many scanners does each company own?',
    contains: ['Radiology 3'],
  },
  {
    inventory: 'hospital',
    question: 'scanners with a weight over 5,000 kg',
    contains: ['above 5,000: 1 of 2: MRI-2 5,200'],
  },
  {
    inventory: 'hospital',
    question: 'Which ward has the fewest beds?',
    truth: attributes('beds', `type = 'ward'`, 'asc', 3),
    ordered: true,
  },
  {
    inventory: 'hospital',
    question: 'When was MRI-1 calibrated?',
    contains: ['Coil calibrated'],
  },
  {
    inventory: 'hospital',
    question: 'Who is Okafor?',
    status: 'failed',
    contains: ['nothing here is known as "Okafor"'],
  },
  {
    inventory: 'hospital',
    question: 'What happened in the run-up to WO-1204?',
    status: 'failed',
    contains: ['"WO-1204"'],
  },
  {
    inventory: 'hospital',
    question: 'what is in maintenance?',
    truth: listed(`status = 'maintenance'`),
  },
  {
    inventory: 'hospital',
    question: 'which scanners send images to PACS?',
    truth: pointing('sends_images_to', 'pacs'),
  },
  { inventory: 'hospital', question: 'What is powered by gen-1?', truth: pointing('powered_by', 'gen-1') },
  { inventory: 'hospital', question: 'what powers MRI-1?', truth: pointed('powered_by', 'MRI-1') },
  {
    inventory: 'hospital',
    question: 'which ward has the highest bed occupancy?',
    contains: ['highest first', 'icu'],
  },
  {
    inventory: 'hospital',
    question: 'how full is ward A?',
    truth: figure('avg(s.value)', 'bed_occupancy', '1 hour', `i.code = 'ward-a'`),
  },
  {
    inventory: 'hospital',
    question: 'what happened before the last breakdown of the Picture Archive?',
    contains: ['Archive 9.2 installed'],
  },
  {
    inventory: 'hospital',
    question: 'list scanners made by Siemens',
    truth: listed(`attributes ->> 'maker' = 'Siemens'`),
  },
  {
    inventory: 'hospital',
    question: 'how many beds does each ward have?',
    truth: `select code, (attributes ->> 'beds')::int from items where tenant = $1 and type = 'ward'`,
  },
  {
    inventory: 'hospital',
    question: "what's the temperature of Blood Fridge 7?",
    truth: figure('avg(s.value)', 'temperature', '1 hour', `i.code = 'fridge-7'`),
  },
  {
    inventory: 'hospital',
    question: 'How many items does each owner have?',
    truth: countBy('owner', 'true'),
  },
  { inventory: 'hospital', question: 'what feeds the Health Record?', truth: pointing('feeds', 'ehr') },
  {
    inventory: 'hospital',
    question: 'how many scans per hour did MRI-1 do on average in the last 12 hours?',
    truth: figure('avg(s.value)', 'scans_per_hour', '12 hours', `i.code = 'MRI-1'`),
    lacks: ['by hour'],
  },
  { inventory: 'hospital', question: 'tell me about ct-1', contains: ['Siemens', 'maintenance'] },
];

const AIRLINE: Question[] = [
  {
    inventory: 'airline',
    question: 'Does refunds use bookings-db?',
    contains: ['Yes, bookings-db is among them', 'refunds stores in bookings-db'],
  },
  {
    inventory: 'airline',
    question: 'Which applications use bookings-db, and how busy is it?',
    truth: pointing('stores_in', 'bookings-db'),
    contains: ['Indirectly, through others: mobile-app', 'Average cpu_percent of bookings-db'],
  },
  { inventory: 'airline', question: 'Which applications call loyalty?', truth: pointing('calls', 'loyalty') },
  {
    inventory: 'airline',
    question: 'Which server has the highest memory usage?',
    truth: ranked('avg(s.value)', 'memory_percent', '1 hour', `i.type = 'server'`, 'desc', 2),
    ordered: true,
    lacks: ['cpu_percent'],
  },
  {
    inventory: 'airline',
    question: 'Which servers have more than 80% of their disk used?',
    contains: ['above 80: 1 of 2: srv-lhr-1'],
  },
  {
    inventory: 'airline',
    question: 'What are the most loaded servers?',
    truth: ranked('avg(s.value)', 'cpu_percent', '1 hour', `i.type = 'server'`, 'desc', 2),
    ordered: true,
  },
  {
    inventory: 'airline',
    question: 'What changed before the check-in outage?',
    contains: ['Check-in back to 13.9', 'Bookings DB moved to its standby'],
  },
  {
    inventory: 'airline',
    question: 'What would be affected if bookings-db crashed?',
    truth: pointing('stores_in', 'bookings-db'),
    contains: ['Indirectly, through others: mobile-app'],
  },
  {
    inventory: 'airline',
    question: 'Which queue has the most messages?',
    truth: figure('avg(s.value)', 'waiting', '1 hour', `i.code = 'bag-scans'`),
  },
  {
    inventory: 'airline',
    question: 'How many connections does bookings-db have?',
    truth: figure('avg(s.value)', 'conn_count', '1 hour', `i.code = 'bookings-db'`),
  },
  {
    inventory: 'airline',
    question: 'What is the error rate of check-in right now?',
    truth: figure('avg(s.value)', 'err_pct', '1 hour', `i.code = 'check-in'`),
  },
  {
    inventory: 'airline',
    question: 'What is hosted on srv-lhr-1 and how busy is that server?',
    truth: figure('avg(s.value)', 'cpu_percent', '1 hour', `i.code = 'srv-lhr-1'`),
    contains: ['bookings-db'],
  },
  {
    inventory: 'airline',
    question: 'Which applications depend on loyalty-db and how loaded is the database?',
    truth: figure('avg(s.value)', 'cpu_percent', '1 hour', `i.code = 'loyalty-db'`),
    lacks: ['bookings-db'],
  },
  {
    inventory: 'airline',
    question: 'What was the response time of check-in at most?',
    status: 'failed',
    contains: ['"at most"'],
  },
];

export const QUESTIONS: Question[] = [...SAMPLE, ...BANK, ...HOSPITAL, ...AIRLINE];
