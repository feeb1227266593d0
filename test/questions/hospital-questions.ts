import type { Question } from './question.ts';
import { attributes, countBy, figure, listed, pointed, pointing, ranked } from './truth.ts';

/** Over the hospital of `hospital.ts`. */
export const HOSPITAL_QUESTIONS: Question[] = [
  {
    question: 'Which items have no maker?',
    truth: listed(`attributes ->> 'maker' is null`),
    lacks: ['MRI-1'],
  },
  {
    question: 'Who looks after the blood fridge?',
    status: 'failed',
    contains: ['nothing here is known as "blood"'],
  },
  {
    question: 'response of the Health Record hour by hour',
    status: 'failed',
    contains: ['"hour"'],
  },
  {
    question: 'which wards would notice if ehr stopped?',
    contains: ['what would be affected by ehr: 2 items directly: icu', 'ward-a'],
  },
  {
    question: 'How many scanners does each company own?',
    contains: ['Radiology 3'],
  },
  {
    question: 'scanners with a weight over 5,000 kg',
    contains: ['above 5,000: 1 of 2: MRI-2 5,200'],
  },
  {
    question: 'Which ward has the fewest beds?',
    truth: attributes('beds', `type = 'ward'`, 'asc', 3),
    ordered: true,
  },
  {
    question: 'When was MRI-1 calibrated?',
    contains: ['Coil calibrated'],
  },
  {
    question: 'Who is Okafor?',
    status: 'failed',
    contains: ['nothing here is known as "Okafor"'],
  },
  {
    question: 'What happened in the run-up to WO-1204?',
    status: 'failed',
    contains: ['"WO-1204"'],
  },
  {
    question: 'what is in maintenance?',
    truth: listed(`status = 'maintenance'`),
  },
  {
    question: 'which scanners send images to PACS?',
    truth: pointing('sends_images_to', 'pacs'),
  },
  { question: 'What is powered by gen-1?', truth: pointing('powered_by', 'gen-1') },
  { question: 'what powers MRI-1?', truth: pointed('powered_by', 'MRI-1') },
  {
    question: 'Which fridge was the warmest in the last 24 hours?',
    truth: ranked('max(s.value)', 'temperature', '24 hours', `i.type = 'fridge'`, 'desc', 1),
  },
  {
    question: 'which ward has the highest bed occupancy?',
    contains: ['highest first', 'icu'],
  },
  {
    question: 'how full is ward A?',
    truth: figure('avg(s.value)', 'bed_occupancy', '1 hour', `i.code = 'ward-a'`),
  },
  {
    question: 'what happened before the last breakdown of the Picture Archive?',
    contains: ['Archive 9.2 installed'],
  },
  {
    question: 'list scanners made by Siemens',
    truth: listed(`attributes ->> 'maker' = 'Siemens'`),
  },
  {
    question: 'how many beds does each ward have?',
    truth: `select code, (attributes ->> 'beds')::int from items where tenant = $1 and type = 'ward'`,
  },
  {
    question: "what's the temperature of Blood Fridge 7?",
    truth: figure('avg(s.value)', 'temperature', '1 hour', `i.code = 'fridge-7'`),
  },
  {
    question: 'How many items does each owner have?',
    truth: countBy('owner', 'true'),
  },
  { question: 'what feeds the Health Record?', truth: pointing('feeds', 'ehr') },
  {
    question: 'how many scans per hour did MRI-1 do on average in the last 12 hours?',
    truth: figure('avg(s.value)', 'scans_per_hour', '12 hours', `i.code = 'MRI-1'`),
    lacks: ['by hour'],
  },
  { question: 'tell me about ct-1', contains: ['Siemens', 'maintenance'] },
];
