import { ToolManifest } from '@planyard/contracts';
import { expect, test } from 'vitest';
import { keepIndexes } from './keep-indexes.ts';
import { nameOccursIn } from './named-tools.ts';
import { createRelatedWords } from './related-words.ts';
import { shortlistTools } from './shortlist.ts';
import { createToolIndex } from './tool-index.ts';
import { createToolVectors } from './tool-vectors.ts';

function tool(name: string, description: string, complexity = 'low'): ToolManifest {
  return ToolManifest.parse({
    name,
    description,
    input_schema: {},
    output_schema: {},
    effects: 'read',
    idempotent: true,
    timeout_ms: 1_000,
    profile: { accuracy: 0.9, complexity },
  });
}

const pay = tool('hr.payslip', 'Statement of what somebody earned');
const leave = tool('hr.leave', 'Days off');
const pods = tool('kube.pods', 'Instances that run');
const slow = tool('kube.instances', 'Instances that run', 'very_high');
const tools = [pods, slow, leave, pay];
const related = createRelatedWords();
const index = createToolIndex(tools, related);
const names = (question: string, more: object = {}) =>
  shortlistTools({ question, index, ...more }).map((each) => each.tool.name);

test('a related word finds a tool, its own word finds it sooner', () => {
  expect(names('my vacation')[0]).toBe('hr.leave');
  expect(names('what I earned')[0]).toBe('hr.payslip');
  expect(
    createToolIndex(tools)
      .scores('my vacation')
      .every((score) => score === 0),
  ).toBe(true);
});

test('tools of the type that is asked about come before others that share nothing', () => {
  expect(names('off')).toEqual(['hr.leave', 'hr.payslip', 'kube.pods', 'kube.instances']);
});

test('what a tool is about is told by others that share a word of its name', () => {
  const shop = createToolIndex([
    ...['create', 'get', 'print'].map((verb) =>
      tool(`shop.${verb}_coupon`, 'A code that makes things cheaper'),
    ),
    tool('shop.delete_coupon', 'Takes it away'),
    tool('shop.delete_order', 'Takes it away'),
  ]);
  const [coupon = 0, order = 0] = shop.scores('cheaper').slice(3);
  expect(coupon).toBeGreaterThan(order);
});

test('a tool with a long schema is found by what it does as well as one with a short one', () => {
  const fields = Object.fromEntries(
    Array.from({ length: 200 }, (_, at) => [`field_${at}`, { description: `What attribute ${at} holds` }]),
  );
  const schema = { type: 'object', properties: fields };
  const long = { ...tool('pay.reverse', 'Makes a charge undone'), output_schema: schema };
  const short = {
    ...tool('pay.list', 'Payouts'),
    input_schema: { type: 'object', properties: { charge: {} } },
  };
  const [does = 0, takes = 0] = createToolIndex([long, short]).scores('charge');
  expect(does).toBeGreaterThan(takes);
});

test('of two that fit alike the better one comes first; a strategy says what is better', () => {
  const twins = createToolIndex([tool('a.one', 'Rain', 'very_high'), tool('a.two', 'Rain')]);
  const live = (name: string) => ({
    load: name === 'a.two' ? 0.9 : 0,
    accuracy: name === 'a.one' ? 0.99 : 0.5,
  });
  const first = (strategy?: 'fastest' | 'least_load' | 'most_accurate') =>
    shortlistTools({ question: 'rain', index: twins, live, strategy })[0]?.tool.name;
  expect(shortlistTools({ question: 'rain', index: twins })[0]?.tool.name).toBe('a.two');
  expect([first('fastest'), first('least_load'), first('most_accurate')]).toEqual([
    'a.two',
    'a.one',
    'a.one',
  ]);
});

const breaker = (state: string) => ({
  live: (name: string) => ({ breaker: name === 'hr.leave' ? state : 'closed' }),
});

test.each(['open', 'half_open'])('a tool that is %s is left out, unless the question names it', (state) => {
  expect(names('days off', breaker(state))).not.toContain('hr.leave');
  expect(names('call hr.leave for me', breaker(state))[0]).toBe('hr.leave');
});

test('a half-open tool is there where it may be probed and fits the question; an open one never', () => {
  const asked: string[] = [];
  const takeProbeTurn = (name: string) => asked.push(name) > 0;
  expect(names('days off', { ...breaker('half_open'), takeProbeTurn })[0]).toBe('hr.leave');
  expect(asked).toEqual(['hr.leave']);
  expect(names('instances', { ...breaker('half_open'), takeProbeTurn })).not.toContain('hr.leave');
  expect(names('days off', { ...breaker('open'), takeProbeTurn })).not.toContain('hr.leave');
  expect(names('call hr.leave for me', { ...breaker('half_open'), takeProbeTurn })[0]).toBe('hr.leave');
  expect(asked).toEqual(['hr.leave']);
});

test.each([
  ['use ci.search', 'ci.search', true],
  ['use ci_search, please', 'ci.search', true],
  ['ask event_log', 'history.event_log', true],
  ['search the ci', 'ci.search', false],
  ['use ci.search_all', 'ci.search', false],
])('%s names %s: %s', (question, name, named) => {
  expect(nameOccursIn(question, name)).toBe(named);
});

test('a tool that the question names comes first, however many others fit better', () => {
  const others = ['first', 'second', 'third'].map((word) => tool(`kube.pods_${word}`, 'Days off'));
  const many = createToolIndex([...others, tool('kube.pods', 'Nothing of the kind')]);
  const ranked = shortlistTools({ question: 'Days off, by kube.pods', index: many });
  expect(ranked[0]).toMatchObject({ tool: { name: 'kube.pods' }, named: true });
  expect(ranked[0]?.fit).toBeLessThan(ranked[1]?.fit ?? 0);
});

test("an agent's intent lifts its tools", () => {
  const rules = { night: { cues: ['midnight'], tools: ['kube.*'] } };
  expect(names('midnight off', { rules })[0]).toBe('hr.leave');
  expect(names('midnight', { rules }).slice(0, 2)).toEqual(['kube.pods', 'kube.instances']);
});

test('an index is built once for a catalogue, and anew for another', () => {
  const indexOf = keepIndexes(related);
  const first = indexOf(tools);
  expect(indexOf([...tools])).toBe(first);
  expect(indexOf(tools.map((each) => ({ ...each })))).toBe(first);
  expect(indexOf(tools.map((each) => ({ ...each, timeout_ms: 7 })))).not.toBe(first);
  expect(indexOf([pods])).not.toBe(first);
  expect(indexOf(tools)).toBe(first);
});

test('likeness by embeddings finds what words do not, once the vectors are there', async () => {
  const asked: string[][] = [];
  const errors: unknown[] = [];
  let done = () => {};
  const filled = new Promise<void>((resolve) => {
    done = resolve;
  });
  const vectors = createToolVectors(
    async (texts) => {
      asked.push(texts);
      if (asked.length === 1) throw new Error('down');
      queueMicrotask(done);
      return texts.map((text) => (/payslip/.test(text) ? [1, 0] : [0, 1]));
    },
    (error) => errors.push(error),
  );
  const geld = async () => [1, 0];
  const unasked = () => expect.unreachable('no vector of a tool is there yet');
  expect(await vectors.similarities(tools, unasked)).toBeNull();
  await expect.poll(() => errors).toHaveLength(1);
  await vectors.similarities(tools, unasked);
  await filled;
  await expect.poll(() => vectors.similarities(tools, geld)).not.toBeNull();
  const similarities = await vectors.similarities(tools, geld);
  expect(names('geld', { similarities })[0]).toBe('hr.payslip');
  expect(names('days off', { similarities }).slice(0, 2)).toContain('hr.leave');
});
