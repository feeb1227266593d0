import type { Question } from './question.ts';
import { attributes, figure, pointed, pointing, reaches } from './truth.ts';

/** What depends on what, runs where, and the way between. */
export const SAMPLE_RELATIONS: Question[] = [
  {
    question: 'path between checkout and orders-db',
    contains: ['checkout -depends_on-> orders -depends_on-> orders-db'],
  },
  {
    question: 'How is checkout connected to payments-db?',
    contains: ['checkout -depends_on-> payments -depends_on-> payments-db'],
  },
  {
    question: 'what would break if host-09 went down?',
    truth: pointing('runs_on', 'host-09'),
  },
  { question: 'what runs on host-03?', truth: pointing('runs_on', 'host-03') },
  {
    question: 'Which hosts does storefront run on?',
    truth: pointed('runs_on', 'storefront'),
  },
  { question: 'dependencies of checkout', truth: pointed('depends_on', 'checkout') },
  {
    question: 'What services depend on stock-db, and who owns them?',
    contains: ['shipping (service, owner team-logistics'],
  },
  {
    question: 'WHAT DEPENDS ON ACCOUNTS-DB',
    truth: pointing('depends_on', 'accounts-db'),
  },
  {
    question: 'Which databases run on host-10 and how big are they?',
    truth: attributes('size_gb', `code in ('accounts-db', 'payments-db', 'stock-db')`, 'desc', 3),
    lacks: ['host-10 (Host 10) is'],
  },
  {
    question: 'How does checkout get to session-cache?',
    contains: ['checkout -depends_on-> accounts -depends_on-> session-cache'],
  },
  {
    question: 'What depends on host-07?',
    truth: pointing('runs_on', 'host-07'),
    contains: ['What depends on host-07: 6 items directly', 'cart (service, owner team-commerce'],
  },
  {
    question: 'What depends on host-07 and how loaded are they?',
    truth: figure(
      'avg(s.value)',
      'cpu_usage',
      '1 hour',
      `i.code in ('notifications', 'cart') group by i.code`,
    ),
  },
  {
    question: 'What runs on host-09 and how big is it?',
    truth: attributes('size_gb', `code in ('orders-db', 'catalog-db')`, 'desc', 2),
  },
  { question: 'What depends on checkout?', contains: ['nothing is recorded as depends_on or runs_on'] },
  { question: 'Which hosts does storefront depend on?', truth: pointed('runs_on', 'storefront') },
  { question: 'Does checkout depend on host-03?', contains: ['Yes, host-03'] },
  {
    question: 'Who is responsible for the services that depend on stock-db?',
    truth: `select distinct owner from items where tenant = $1 and code in ('shipping', 'stock', 'cart', 'orders', 'checkout', 'storefront')`,
  },
  {
    question: 'Does checkout depend on stock-db?',
    truth: reaches('checkout', 'stock-db'),
  },
  {
    question: 'Does checkout depend on email-queue?',
    truth: reaches('checkout', 'email-queue'),
  },
  {
    question: 'Is orders-db used by orders?',
    truth: reaches('orders', 'orders-db', 'orders'),
  },
  {
    question: 'What would stop working if stock-db went away?',
    truth: pointing('depends_on', 'stock-db'),
    contains: ['would be affected'],
  },
];
