import type { Question } from './question.ts';
import { figure, pointing, ranked } from './truth.ts';

/** Over the airline of `airline.ts`. */
export const AIRLINE_QUESTIONS: Question[] = [
  {
    question: 'Does refunds use bookings-db?',
    contains: ['Yes, bookings-db is among them', 'refunds stores in bookings-db'],
  },
  {
    question: 'Which applications use bookings-db, and how busy is it?',
    truth: pointing('stores_in', 'bookings-db'),
    contains: ['Indirectly, through others: mobile-app', 'Average cpu_percent of bookings-db'],
  },
  { question: 'Which applications call loyalty?', truth: pointing('calls', 'loyalty') },
  {
    question: 'Which server has the highest memory usage?',
    truth: ranked('max(s.value)', 'memory_percent', '1 hour', `i.type = 'server'`, 'desc', 2),
    ordered: true,
    lacks: ['cpu_percent'],
  },
  {
    question: 'Which servers have more than 80% of their disk used?',
    contains: ['above 80: 1 of 2: srv-lhr-1'],
  },
  {
    question: 'What are the most loaded servers?',
    truth: ranked('avg(s.value)', 'cpu_percent', '1 hour', `i.type = 'server'`, 'desc', 2),
    ordered: true,
  },
  {
    question: 'What changed before the check-in outage?',
    contains: ['Check-in back to 13.9', 'Bookings DB moved to its standby'],
  },
  {
    question: 'What would be affected if bookings-db crashed?',
    truth: pointing('stores_in', 'bookings-db'),
    contains: ['Indirectly, through others: mobile-app'],
  },
  {
    question: 'Which queue has the most messages?',
    truth: figure('avg(s.value)', 'waiting', '1 hour', `i.code = 'bag-scans'`),
  },
  {
    question: 'How many connections does bookings-db have?',
    truth: figure('avg(s.value)', 'conn_count', '1 hour', `i.code = 'bookings-db'`),
  },
  {
    question: 'What is the error rate of check-in right now?',
    truth: figure('avg(s.value)', 'err_pct', '1 hour', `i.code = 'check-in'`),
  },
  {
    question: 'What is hosted on srv-lhr-1 and how busy is that server?',
    truth: figure('avg(s.value)', 'cpu_percent', '1 hour', `i.code = 'srv-lhr-1'`),
    contains: ['bookings-db'],
  },
  {
    question: 'Which applications depend on loyalty-db and how loaded is the database?',
    truth: figure('avg(s.value)', 'cpu_percent', '1 hour', `i.code = 'loyalty-db'`),
    lacks: ['bookings-db'],
  },
  {
    question: 'What was the response time of check-in at most?',
    status: 'failed',
    contains: ['"at most"'],
  },
];
