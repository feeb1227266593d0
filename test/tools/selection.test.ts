import { ToolManifest } from '@planyard/contracts';
import { countTokens } from '@planyard/llm';
import { createDigester, createToolSelector, stemsOf } from '@planyard/planning';
import { expect, test } from 'vitest';
import { type Question, readCatalogue, readQuestions } from './read-catalogue.ts';
import { readServices } from './read-services.ts';

/*
 * 500 tools, 200 questions that share no word with the name of the tool that is wanted: it is in a digest of 4,000
 * tokens, with its arguments and its result. The weights were tuned on the questions with even numbers only; the groups
 * of words in `work-words.json` were written by the one who had written the questions.
 */

const TOKENS = 4_000;
const catalogue = readCatalogue();
const questions = readQuestions();
const digester = createDigester(countTokens);
const select = createToolSelector();

async function digestFor(question: string, tools: ToolManifest[] = catalogue) {
  const ranked = select({ question, tools });
  return digester.choose(
    ranked.map(({ tool }) => tool),
    TOKENS,
  );
}

async function missed(asked: Question[]): Promise<string[]> {
  const lost: string[] = [];
  for (const { question, wanted } of asked) {
    const { text } = await digestFor(question);
    const line = text.split('\n').find((each) => each.startsWith(`${wanted}(`));
    const tool = catalogue.find(({ name }) => name === wanted) as ToolManifest;
    const told = [...namesOf(tool.input_schema), ...namesOf(tool.output_schema)];
    if (!line || !told.every((name) => line.includes(name))) lost.push(`${question} | ${wanted}`);
  }
  return lost;
}

function namesOf(schema: ToolManifest['input_schema']): string[] {
  return Object.keys(schema.properties as object);
}

test('there are 500 tools and 200 questions, each for a tool whose name shares no word with it', () => {
  expect(new Set(catalogue.map(({ name }) => name)).size).toBe(500);
  expect(new Set(questions.map(({ question }) => question)).size).toBe(200);
  const names = new Set(catalogue.map(({ name }) => name));
  for (const { question, wanted } of questions) {
    expect(names, wanted).toContain(wanted);
    const asked = new Set(stemsOf(question));
    expect(
      stemsOf(wanted).filter((stem) => asked.has(stem)),
      `${question} | ${wanted}`,
    ).toEqual([]);
  }
});

test.each([
  ['that the weights were tuned on', 0],
  ['that were held out', 1],
])('the wanted tool is in the digest for at least 95 of the 100 questions %s', async (_name, half) => {
  const lost = await missed(questions.filter((_, at) => at % 2 === half));
  expect(lost.length, lost.join('\n')).toBeLessThanOrEqual(5);
});

test('among 2,800 tools, most of them alike, the wanted one is in the digest for 185 of 200 questions', async () => {
  const services = readServices();
  expect(new Set(services.map(({ name }) => name)).size).toBe(2_811);
  const lost: string[] = [];
  for (const { question, wanted } of readQuestions('service-questions.txt')) {
    const asked = new Set(stemsOf(question));
    expect(stemsOf(wanted).filter((stem) => asked.has(stem))).toEqual([]);
    const { tools, tokens } = await digestFor(question, services);
    expect(tokens).toBeLessThanOrEqual(TOKENS);
    if (!tools.some(({ name }) => name === wanted)) lost.push(`${question} | ${wanted}`);
  }
  expect(lost.length, lost.join('\n')).toBeLessThanOrEqual(15);
});

test('a digest keeps to its tokens', async () => {
  for (const { question } of questions.slice(0, 40)) {
    const { text, tools } = await digestFor(question);
    expect(await countTokens(text)).toBeLessThanOrEqual(TOKENS);
    expect(tools.length).toBeGreaterThan(60);
  }
});

test('a tool that the question names is in, however little it fits', async () => {
  const { tools } = await digestFor('Use shipping.dangerous_goods_check on the payroll of March');
  expect(tools[0]?.name).toBe('shipping.dangerous_goods_check');
});

test('long schemas are told in less detail: a digest still holds fifty tools, and misses few', async () => {
  const values = {
    enum: ['alpha', 'beta', 'gamma', 'delta'],
    description: 'An optional setting of the reply',
  };
  const fields = (count: number, name: string) =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [`${name}_${at}`, values]));
  const wordy = catalogue.map((tool) =>
    ToolManifest.parse({
      ...tool,
      input_schema: withFields(tool.input_schema, fields(15, 'option')),
      output_schema: withFields(tool.output_schema, {
        data: { type: 'array', items: { type: 'object', properties: fields(12, 'field') } },
        ...fields(12, 'meta'),
      }),
    }),
  );
  let missing = 0;
  for (const { question, wanted } of questions) {
    const { tools, tokens } = await digestFor(question, wordy);
    expect(tokens).toBeLessThanOrEqual(TOKENS);
    expect(tools.length).toBeGreaterThan(50);
    if (!tools.some(({ name }) => name === wanted)) missing += 1;
  }
  expect(missing).toBeLessThanOrEqual(10);
});

function withFields(schema: ToolManifest['input_schema'], more: ToolManifest['input_schema']) {
  return { ...schema, properties: { ...(schema.properties as object), ...more } };
}
