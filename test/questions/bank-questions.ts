import type { Question } from './question.ts';
import { countBy, dependentsAndLoad, figure, happened, listed, pointed, pointing, ranked } from './truth.ts';

/** Over the bank of `bank.ts`. */
export const BANK_QUESTIONS: Question[] = [
  { question: 'What is used by the Card Authoriser?', truth: pointed('uses', 'card-authoriser') },
  {
    question: 'Which site has more servers?',
    status: 'failed',
    contains: ['nothing here is known as "more"'],
  },
  {
    question: 'Who uses the customer vault and is it under heavy load?',
    truth: dependentsAndLoad('uses', 'customer-vault', 'processor_load'),
  },
  {
    question: 'What changed in the hours before the last outage of Card Authoriser?',
    contains: ['Pool size of the authoriser changed', 'in the 24 hours up to it'],
  },
  {
    question: 'Did the response time of the web portal go up today?',
    contains: ['Response_time over time of web-portal', 'highest'],
  },
  { question: 'outages of more than 10 minutes', status: 'failed' },
  { question: 'How many applications are there for each customer?', status: 'failed' },
  {
    question: 'releases before today',
    lacks: ['Web Portal 22'],
    contains: ['Card Authoriser 8.1'],
  },
  {
    question: 'What depends on core-ledger and how loaded is it?',
    truth: dependentsAndLoad('uses', 'core-ledger', 'processor_load'),
  },
  {
    question: 'which applications use the customer vault',
    truth: pointing('uses', 'customer-vault'),
  },
  {
    question: 'What changed before the last outage of Card Authoriser?',
    contains: ['Pool size of the authoriser changed', 'Fraud Engine 3.3 with new model'],
  },
  {
    question: 'Which servers are the most loaded?',
    truth: ranked('avg(s.value)', 'processor_load', '1 hour', `i.type = 'server'`, 'desc', 3),
    ordered: true,
  },
  { question: 'what is hosted on fra-srv-8?', truth: pointing('hosted_on', 'fra-srv-8') },
  {
    question: 'Where is the Web Portal hosted?',
    truth: pointed('hosted_on', 'web-portal'),
  },
  {
    question: 'How many applications per owner?',
    truth: countBy('owner', `type = 'application'`),
  },
  { question: 'list all data stores', truth: listed(`type = 'data store'`) },
  {
    question: 'Applications owned by Digital Channels',
    truth: listed(`owner = 'Digital Channels' and type = 'application'`),
  },
  {
    question: 'which application is the slowest?',
    truth: ranked('avg(s.value)', 'response_time', '1 hour', `i.type = 'application'`, 'desc', 1),
  },
  {
    question: 'Which applications are slower than 400 ms?',
    contains: ['above 400: 1 of 5: loan-origination'],
  },
  {
    question: 'max response time of fraud engine in the last 12 hours',
    truth: figure('max(s.value)', 'response_time', '12 hours', `i.code = 'fraud-engine'`),
  },
  {
    question: 'shortest path from mobile banking to risk-mart',
    contains: ['mobile-banking -uses-> card-authoriser -uses-> fraud-engine -uses-> risk-mart'],
  },
  {
    question: 'how many outages were there in the last 2 days?',
    truth: `select count(*)::int from item_events where tenant = $1 and type = 'outage'`,
  },
  {
    question: 'Which topic has the largest backlog right now?',
    contains: ['alerts-topic'],
  },
  {
    question: 'What happened to the fraud-engine?',
    truth: happened(`i.code = 'fraud-engine'`),
  },
  { question: 'what is the status of Statement Printer?', contains: ['retired'] },
  {
    question: 'what would be affected if London Mainframe 1 failed',
    contains: ['core-ledger', 'card-authoriser', 'mobile-banking'],
  },
  { question: 'items in uat', truth: listed(`environment = 'uat'`) },
  { question: 'what sits on fra-srv-7?', truth: pointing('hosted_on', 'fra-srv-7') },
  {
    question: 'is the fraud engine dependent on the risk mart?',
    contains: ['fraud-engine uses risk-mart'],
  },
  {
    question: 'Show me all java applications',
    truth: listed(`attributes ->> 'language' = 'java'`),
  },
  { question: 'which data store is used by the most applications?', status: 'failed' },
];
