import type { Question } from './question.ts';
import { happened, NEWEST } from './truth.ts';

/** What happened, and what changed before it. */
export const SAMPLE_EVENTS: Question[] = [
  {
    question: 'Which deployments took place in the last 4 days?',
    truth: happened(`e.type = 'deployment' and e.at > ${NEWEST} - interval '4 days'`),
  },
  {
    question: 'what changed before the last incident of checkout?',
    contains: ['Deployed checkout 4.12.0: new tax calculation'],
    parallel: ['history.event_log', 'graph.expand'],
  },
  {
    question: 'How many events were there in the last 4 days?',
    truth: `select count(*)::int from item_events e where tenant = $1 and e.at > ${NEWEST} - interval '4 days'`,
  },
  {
    question: 'What happened in the 30 minutes before the orders-db incident?',
    contains: ['in the 30 minutes up to it', 'connections of orders-db above 300'],
    // The incident is told once, before what happened.
    lacks: ['Connection pool of orders raised', 'orders fail; '],
  },
  {
    question: 'What was changed prior to the orders-db incident?',
    contains: ['Connection pool of orders raised from 20 to 120'],
  },
  {
    question: 'what led to the incident on product-search?',
    contains: ['Model training of recommendations moved to business hours'],
  },
  {
    question: 'What depends on stock-db and what changed there?',
    contains: ['deployment of stock-db of all', 'deployment of what depends on stock-db'],
  },
  {
    question: 'how many incidents were there?',
    truth: `select count(*)::int from item_events where tenant = $1 and type = 'incident'`,
  },
  {
    question: 'When was storefront last deployed?',
    truth: `select message from item_events where tenant = $1 and type = 'deployment' and message like 'Deployed storefront%' order by at desc limit 1`,
  },
  {
    question: 'what was deployed in the last 2 days?',
    contains: ['4 events', 'Deployed notifications 2.3.0'],
  },
  {
    question: 'Which changes preceded the outage of orders-db?',
    contains: ['raised from 20 to 120'],
  },
  {
    question: 'Did anyone deploy payments this week?',
    contains: ['Deployed payments 7.2.0'],
  },
  {
    question: 'What are the latest events of notifications?',
    truth: happened(`i.code = 'notifications'`),
    ordered: true,
  },
  {
    question: 'When was the last incident of a database, and what changed before it?',
    contains: ['orders-db runs out of connections', 'raised from 20 to 120'],
    lacks: ['TRAINING_SCHEDULE'],
  },
  {
    question: 'Did anything change before the last incident of a database?',
    contains: ['The last incident of items of type database', 'raised from 20 to 120'],
  },
  {
    question: 'How many alerts since the incident of orders-db?',
    contains: ['Alert of orders-db in the time from it', '0 events'],
  },
  {
    question: 'What happened last to notifications?',
    contains: ['The mail backlog is gone'],
    lacks: ['2.3.1'],
  },
  {
    question: 'all alerts, newest first',
    truth: happened(`e.type = 'alert'`),
    ordered: true,
  },
  {
    question: 'Which configuration changes were there?',
    truth: happened(`e.type = 'config_change'`),
    lacks: ['Deployed'],
  },
  {
    question: 'did any deployment precede the incident of checkout?',
    contains: ['The last incident of checkout', 'Deployed checkout 4.12.0'],
  },
  {
    question: 'What was done to host-08 since the alert?',
    contains: ['in the time from it', 'cpu_usage of host-08 is back to normal'],
  },
  {
    question: 'Which alerts were there on orders-db and on what depends on it?',
    contains: ['connections of orders-db above 300', 'error_rate of orders above 5 %'],
  },
  {
    question: 'When did notifications last get deployed, and by whom?',
    contains: ['2.3.1', 'author aiko'],
    lacks: ['2.3.0'],
  },
];
