import { AIRLINE_QUESTIONS } from './airline-questions.ts';
import { BANK_QUESTIONS } from './bank-questions.ts';
import { HOSPITAL_QUESTIONS } from './hospital-questions.ts';
import type { Question } from './question.ts';
import { SAMPLE_EVENTS } from './sample-events.ts';
import { SAMPLE_ITEMS } from './sample-items.ts';
import { SAMPLE_METRICS } from './sample-metrics.ts';
import { SAMPLE_REFUSED } from './sample-refused.ts';
import { SAMPLE_RELATIONS } from './sample-relations.ts';

/** All questions, by the inventory that they are asked over. */
export const QUESTIONS: (Question & { inventory: string })[] = Object.entries({
  sample: [...SAMPLE_ITEMS, ...SAMPLE_RELATIONS, ...SAMPLE_METRICS, ...SAMPLE_EVENTS, ...SAMPLE_REFUSED],
  bank: BANK_QUESTIONS,
  hospital: HOSPITAL_QUESTIONS,
  airline: AIRLINE_QUESTIONS,
}).flatMap(([inventory, questions]) => questions.map((question) => ({ inventory, ...question })));
