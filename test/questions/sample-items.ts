import type { Question } from './question.ts';
import { attributes, countBy, listed } from './truth.ts';

/** Lists, counts, look-ups and attributes. */
export const SAMPLE_ITEMS: Question[] = [
  { question: 'How many cores does host-09 have?', contains: ['cpu_cores 16'] },
  {
    question: 'Which services are not owned by team-web or team-commerce?',
    truth: listed(`type = 'service' and owner not in ('team-web', 'team-commerce')`),
    contains: ['6 in all'],
  },
  {
    question: 'all hosts except host-01 and host-02',
    truth: listed(`type = 'host' and code not in ('host-01', 'host-02')`),
    contains: ['8 in all'],
  },
  {
    question: 'Which host has the most cpu cores?',
    truth: attributes('cpu_cores', `type = 'host'`, 'desc', 2),
    ordered: true,
  },
  {
    question: 'how many services does each team own?',
    truth: countBy('owner', `type = 'service'`),
  },
  {
    question: 'Number of hosts per zone',
    truth: countBy(`attributes ->> 'zone'`, `type = 'host'`),
  },
  { question: 'which team owns the most databases?', contains: ['team-platform 2'] },
  { question: 'list databases', truth: listed(`type = 'database'`) },
  { question: 'Which DBs are there?', truth: listed(`type = 'database'`) },
  {
    question: 'tell me about orders-db',
    truth: `select owner, attributes ->> 'engine', (attributes ->> 'size_gb') from items where tenant = $1 and code = 'orders-db'`,
  },
  {
    question: "Who is the owner of the payments service's database?",
    contains: ['team-payments'],
  },
  { question: 'who owns email-queue', contains: ['team-platform'] },
  { question: 'what does team-commerce own?', truth: listed(`owner = 'team-commerce'`) },
  {
    question: 'which services are written in python',
    truth: listed(`attributes ->> 'language' = 'python'`),
  },
  {
    question: 'which services are not in production?',
    contains: ['not of environment production: there are none'],
  },
  {
    question: 'how many hosts have 8 cpu cores?',
    truth: `select count(*)::int from items where tenant = $1 and type = 'host' and attributes ->> 'cpu_cores' = '8'`,
  },
  {
    question: 'Which databases are larger than 100 GB?',
    truth: attributes('size_gb', `type = 'database' and (attributes ->> 'size_gb')::int > 100`, 'desc', 9),
    ordered: true,
    lacks: ['accounts-db'],
  },
  {
    question: 'How many databases are larger than 100GB?',
    contains: ['3 of 6'],
  },
  {
    question: 'hosts with at least 16 cores',
    contains: ['at least 16: 2 of 10: host-09 16; host-10 16'],
  },
  {
    question: 'Top 3 biggest databases',
    truth: attributes('size_gb', `type = 'database'`, 'desc', 3),
    ordered: true,
  },
  {
    question: 'Which team owns the fewest services, and how many databases use postgres?',
    contains: ['team-data 1; team-payments 1; team-logistics 2', 'with engine postgres: 5'],
  },
  {
    question: 'give me all info on email queue',
    contains: ['email-queue (Email Queue) is of type queue'],
  },
  {
    question: 'Show me python services that are not tier 1',
    truth: listed(`attributes ->> 'language' = 'python' and attributes ->> 'tier' <> '1'`),
  },
  {
    question: "How many services aren't owned by team-web?",
    truth: `select count(*)::int from items where tenant = $1 and type = 'service' and owner <> 'team-web'`,
  },
  {
    question: 'How many services are using python?',
    truth: `select count(*)::int from items where tenant = $1 and type = 'service' and attributes ->> 'language' = 'python'`,
  },
  {
    question: 'tell me about payments',
    contains: ['Depends on: payments-db (database).', 'Depends on it: checkout (service).'],
    lacks: ['depends_on'],
  },
  {
    question: 'How many hosts are there and who owns them?',
    truth: countBy('owner', `type = 'host'`),
  },
  {
    question: 'Which databases are there and who owns each?',
    truth: `select code, owner from items where tenant = $1 and type = 'database'`,
  },
  {
    question: 'How many services are there?',
    truth: `select count(*)::int from items where tenant = $1 and type = 'service'`,
    contains: ['The number of items of type service'],
  },
  {
    question: 'list all databases sorted by size',
    truth: attributes('size_gb', `type = 'database'`, 'desc', 9),
    ordered: true,
  },
  {
    question: 'which hosts have 8 cores and are in zone eu-1a?',
    truth: listed(`attributes ->> 'cpu_cores' = '8' and attributes ->> 'zone' = 'eu-1a'`),
    lacks: ['host-02', 'host-09'],
  },
  { question: 'give me an overview', truth: countBy('type', 'true') },
  { question: 'What is there?', truth: countBy('type', 'true') },
  {
    question: 'Who should I call if payments is down?',
    contains: ['team-payments'],
    lacks: ['would be affected'],
  },
];
