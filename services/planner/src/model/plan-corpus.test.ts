import { readdirSync, readFileSync } from 'node:fs';
import { PlanStep, ToolManifest } from '@planyard/contracts';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { createAdmission } from './admission.ts';
import { createArgsCheck } from './check-args.ts';
import { createPlanReader } from './plan-reader.ts';
import { faultsOfReply } from './reply-faults.ts';

/*
 * Replies of planner models, good and bad, as they stream in: `test/plans/<name>.txt`. What each must give, whatever its
 * chunks, is in `expected.json`: the steps that enter the graph in their order, the faults that go back to the model
 * (step and code), and the answer where the plan is one. The steps themselves, as the model wrote them, are in
 * `steps.jsonl`.
 */

const dir = new URL('../../../../test/plans/', import.meta.url);
const Expected = z.record(
  z.string(),
  z.strictObject({
    steps: z.array(z.string()),
    faults: z.array(z.tuple([z.string(), z.string()])).default([]),
    answer: z.string().nullable().default(null),
  }),
);
const expected = Expected.parse(JSON.parse(readFileSync(new URL('expected.json', dir), 'utf8')));

const steps = readFileSync(new URL('steps.jsonl', dir), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => z.tuple([z.string(), PlanStep]).parse(JSON.parse(line)));

const SPLIT_EVERYWHERE = 2_048;
const SPLITS_BEYOND = 200;

const tools = [
  tool('ci.search', {
    properties: {
      query: { type: 'string', minLength: 1 },
      limit: { type: 'integer' },
      filter: { type: 'object' },
    },
    required: ['query'],
  }),
  tool('graph.expand', {
    properties: {
      id: { type: 'string' },
      direction: { enum: ['in', 'out'] },
      depth: { type: 'integer', minimum: 1, maximum: 5 },
    },
    required: ['id'],
  }),
  tool('metric.aggregate', {
    properties: {
      ids: { anyOf: [{ type: 'array', items: { type: 'string' } }, { type: 'string' }] },
      metric: { type: 'string' },
      agg: { enum: ['avg', 'min', 'max', 'p95'] },
      range: { type: 'string' },
    },
    required: ['ids', 'metric', 'agg'],
  }),
];
const checkArgs = createArgsCheck();

test('every stream is expected to give something, and nothing else is', () => {
  const streams = readdirSync(dir).filter((name) => name.endsWith('.txt'));
  expect(streams.map((name) => name.slice(0, -'.txt'.length)).sort()).toEqual(Object.keys(expected).sort());
  expect(streams.length).toBeGreaterThanOrEqual(60);
});

test.each(Object.keys(expected))('%s', async (name) => {
  const bytes = readFileSync(new URL(`${name}.txt`, dir));
  const { steps: ids = [], ...rest } = expected[name] ?? {};
  const wanted = { steps: steps.filter(([stream]) => stream === name).map(([, step]) => step), ...rest };
  expect(wanted.steps.map(({ id }) => id)).toEqual(ids);
  expect(await read([bytes])).toEqual(wanted);
  expect(await read([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(wanted);
  for (const at of splitsOf(bytes.length))
    expect(await read([bytes.subarray(0, at), bytes.subarray(at)]), `split at byte ${at}`).toEqual(wanted);
});

/** What comes of a stream in these chunks. */
async function read(chunks: Uint8Array[]) {
  const entered: string[] = [];
  const reader = createPlanReader();
  const admission = createAdmission(
    {
      attempt: 1,
      steps: [],
      addSteps: async (added) => void entered.push(...added.map((step) => step.spec.id)),
    },
    tools,
    checkArgs,
  );
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  for (const chunk of chunks)
    for (const step of reader.write(decoder.decode(chunk, { stream: true }))) await admission.offer(step);
  reader.end();
  // As they were planned, in the order in which they entered.
  const planned = new Map(admission.specs().map((step) => [step.id, step]));
  const steps = entered.map((id) => planned.get(id));
  const { answer } = reader;
  if (answer !== null && reader.steps === 0) return { steps, faults: [], answer };
  const faults = faultsOfReply({ reader, failure: null }, admission);
  return { steps, faults: faults.map(({ step, code }): [string, string] => [step, code]), answer };
}

/** Every place of a short stream; of a longer one the same 200 in every run. */
function splitsOf(length: number): number[] {
  if (length <= SPLIT_EVERYWHERE) return Array.from({ length: Math.max(0, length - 1) }, (_, at) => at + 1);
  let state = length;
  return Array.from({ length: SPLITS_BEYOND }, () => {
    // Numerical Recipes' linear congruential generator.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return 1 + (state % (length - 1));
  });
}

function tool(name: string, input: object): ToolManifest {
  return ToolManifest.parse({
    name,
    description: name,
    input_schema: { type: 'object', additionalProperties: false, ...input },
    output_schema: {},
    effects: 'read',
    idempotent: true,
    broad_search: name === 'ci.search',
    timeout_ms: 1_000,
    profile: { accuracy: 1, complexity: 'low' },
  });
}
