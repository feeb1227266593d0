import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { RunResponse } from '@planyard/contracts';
import { hospital } from '../../test/questions/hospital.ts';
import { loadFixture } from '../../test/questions/inventory-fixture.ts';
import { type House, type HouseOptions, openHouse } from '../../test/support/house.ts';
import { type Figure, figure, percentile } from '../report.ts';
import { type PacedModel, type Script, startPacedModel } from './paced-model.ts';

const TOOL_MS = 500;
const CHAIN = 6;
const WIDE = 12;

type Ask = (name: string, script: Script, options?: object) => Promise<RunResponse>;

/** Whole runs over the four services, with a model that speaks at the speed of one: latency with streaming dispatch and without, one call after the other, with a kept plan and without; the delay of a step's dispatch; what a composition adds to a step. */
export async function runFigures(
  at: Pick<HouseOptions, 'redisUrl' | 'postgresUrl'>,
  repeats: number,
): Promise<Figure[]> {
  const model = await startPacedModel();
  const house = await openHouse({
    ...at,
    toolsDirectory: new URL('./tools/', import.meta.url),
    env: {
      OPENAI_BASE_URL: model.url,
      OPENAI_API_KEY: 'sk-bench',
      PLANYARD_MODEL: 'openai/paced',
      LOG_LEVEL: 'error',
    },
  });
  try {
    const ask = askIn(house, model);
    return [
      ...(await streaming('deep', chain(), ask, repeats)),
      ...(await streaming('wide', wide(), ask, repeats)),
      ...(await sequential(model, ask, repeats)),
      ...(await dispatch(house, model, ask, repeats)),
      ...(await planCache(ask, repeats)),
      ...(await composition(at, repeats)),
    ];
  } finally {
    await house.close();
    await model.close();
  }
}

function askIn({ client }: House, { scripts }: PacedModel): Ask {
  let asked = 0;
  return async (name, script, options = { plan_cache: false }) => {
    asked += 1;
    // A key of its own for each run, unless the plan of an earlier one is wanted.
    const key = 'plan_cache' in options ? `${name} number ${asked}` : name;
    scripts.set(key, script);
    const { id } = await client.runs.create({ question: `What is the state of ${key}?`, options });
    return await client.runs.wait(id);
  };
}

function step(at: number, more: object = {}) {
  const id = String.fromCharCode(97 + at);
  return {
    id,
    tool: 'bench.wait',
    purpose: `the state of thing ${id}`,
    args: { thing: `thing ${id}`, ms: TOOL_MS },
    ...more,
  };
}

/** Each step takes a value of the one before. */
function chain(): Script['steps'] {
  return Array.from({ length: CHAIN }, (_, at) => {
    const own = step(at);
    if (at === 0) return own;
    const before = String.fromCharCode(96 + at);
    return { ...own, args: { ...own.args, after: { $from: before, path: 'state' } } };
  });
}

function wide(): Script['steps'] {
  return Array.from({ length: WIDE }, (_, at) => step(at));
}

async function timed(repeats: number, run: () => Promise<RunResponse>) {
  const runs: RunResponse[] = [];
  for (let at = 0; at < repeats; at += 1) runs.push(await run());
  const broken = runs.find(({ status }) => status !== 'completed');
  if (broken) throw new Error(`a run of the bench ended ${broken.status}: ${broken.missing.join('; ')}`);
  const tokens = runs.map(({ usage }) =>
    usage.models.reduce((sum, each) => sum + each.usage.input_tokens + each.usage.output_tokens, 0),
  );
  return {
    ms: percentile(
      runs.map(({ timings }) => timings.total_ms),
      0.5,
    ),
    tokens: percentile(tokens, 0.5),
  };
}

async function streaming(name: string, steps: Script['steps'], ask: Ask, repeats: number): Promise<Figure[]> {
  const streamed = await timed(repeats, () => ask(name, { steps }));
  const sealed = await timed(repeats, () => ask(name, { steps, at_once: true }));
  const speedup = sealed.ms / streamed.ms;
  return [
    figure(name, 'latency_ms_p50', 'ms', streamed.ms),
    figure(name, 'latency_at_seal_ms_p50', 'ms', sealed.ms),
    figure(name, 'tokens', '', streamed.tokens),
    figure(name, 'speedup_streaming', '', speedup, name === 'deep' ? { atLeast: 1.2 } : undefined),
  ];
}

/**
 * The same twelve calls one after the other: by a loop that asks the model for one call, makes it, and asks again, with
 * nothing of Planyard in between; and as a plan in which each step waits for the one before.
 */
async function sequential(model: PacedModel, ask: Ask, repeats: number): Promise<Figure[]> {
  const parallel = await timed(repeats, () => ask('wide', { steps: wide() }));
  const loops: number[] = [];
  for (let at = 0; at < repeats; at += 1) loops.push(await loopMs(model));
  const chained = wide().map((each, at) =>
    at === 0 ? each : { ...each, after: [String.fromCharCode(96 + at)] },
  );
  const plan = await timed(repeats, () => ask('sequential', { steps: chained, at_once: true }));
  const loop = percentile(loops, 0.5);
  return [
    figure('sequential', 'latency_ms_p50', 'ms', loop),
    figure('sequential', 'speedup_parallel', '', loop / parallel.ms, { atLeast: 2 }),
    figure('sequential', 'chained_plan_ms_p50', 'ms', plan.ms),
    figure('sequential', 'chained_plan_tokens', '', plan.tokens),
    figure('sequential', 'speedup_over_chained_plan', '', plan.ms / parallel.ms),
  ];
}

async function loopMs({ url, scripts }: PacedModel): Promise<number> {
  const began = performance.now();
  const say = async (system: string, content: string) => {
    const body = JSON.stringify({
      model: 'paced',
      stream: true,
      messages: [
        { role: 'system', content: system },
        { role: 'user', content },
      ],
    });
    const response = await fetch(`${url}/chat/completions`, { method: 'POST', body });
    await response.text();
  };
  for (const each of wide()) {
    scripts.set(`loop ${each.id}`, { steps: [each] });
    await say('You plan one call', `loop ${each.id}`);
    await wait(TOOL_MS);
  }
  await say('You answer', 'loop');
  return performance.now() - began;
}

/** From the last byte of a step leaving the model to the start of its tool, of steps that wait for nothing. */
async function dispatch(
  { client }: House,
  { told }: PacedModel,
  ask: Ask,
  repeats: number,
): Promise<Figure[]> {
  const delays: number[] = [];
  for (let at = 0; at < repeats; at += 1) {
    told.clear();
    const quick = wide().map((each) => ({ ...each, args: { ...each.args, ms: 1 } }));
    const { id } = await ask('dispatch', { steps: quick });
    for (const { id: stored, started_at } of (await client.runs.steps(id, { limit: 200 })).data) {
      const name = stored.slice(stored.indexOf('.') + 1);
      const sent = [...told].find(([key]) => key.endsWith(`/${name}`))?.[1];
      if (sent !== undefined && started_at !== null) delays.push(Date.parse(started_at) - sent);
    }
  }
  return [
    figure('dispatch', 'delay_ms_p50', 'ms', percentile(delays, 0.5), { atMost: 10 }),
    figure('dispatch', 'delay_ms_p95', 'ms', percentile(delays, 0.95)),
  ];
}

/** The same question again, with the plan of the run before and without. */
async function planCache(ask: Ask, repeats: number): Promise<Figure[]> {
  const steps = wide().map((each) => ({ ...each, args: { ...each.args, ms: 50 } }));
  const without = await timed(repeats, () => ask('plan_cache', { steps }));
  const first = await ask('plan_cache', { steps }, {});
  if (first.plan_source !== 'model') throw new Error(`the first plan came from ${first.plan_source}`);
  const kept = await timed(repeats, async () => {
    const run = await ask('plan_cache', { steps }, {});
    if (run.plan_source !== 'cache') throw new Error(`no kept plan was taken: ${run.plan_source}`);
    return run;
  });
  return [
    figure('plan_cache', 'latency_ms_p50', 'ms', kept.ms),
    figure('plan_cache', 'latency_without_ms_p50', 'ms', without.ms),
    figure('plan_cache', 'tokens', '', kept.tokens),
    figure('plan_cache', 'tokens_without', '', without.tokens),
    figure('plan_cache', 'speedup', '', without.ms / kept.ms),
  ];
}

/** From the first step's start to the last one's end, for each step, of look-ups that take next to nothing themselves. */
async function composition(
  at: Pick<HouseOptions, 'redisUrl' | 'postgresUrl'>,
  repeats: number,
): Promise<Figure[]> {
  const house = await openHouse({
    ...at,
    env: {
      PLANYARD_NAMESPACE: 'composition',
      PLANYARD_COMPOSITIONS: fileURLToPath(new URL('./compositions', import.meta.url)),
      LOG_LEVEL: 'error',
    },
  });
  try {
    await loadFixture(house.db, 'default', hospital, new Date());
    const perStep: number[] = [];
    for (let index = -1; index < repeats * 4; index += 1) {
      const { id } = await house.client.compositions.run('ten_steps', { parameters: { id: 'MRI-1' } });
      const { status, missing, error } = await house.client.runs.wait(id);
      if (status !== 'completed')
        throw new Error(`a composition ended ${status}: ${error?.message ?? missing.join('; ')}`);
      const steps = (await house.client.runs.steps(id, { limit: 200 })).data;
      const starts = steps.flatMap(({ started_at }) => (started_at === null ? [] : [Date.parse(started_at)]));
      const ends = steps.flatMap(({ ended_at }) => (ended_at === null ? [] : [Date.parse(ended_at)]));
      // The first one warms.
      if (index >= 0) perStep.push((Math.max(...ends) - Math.min(...starts)) / steps.length);
    }
    return [figure('composition', 'ms_per_step_p50', 'ms', percentile(perStep, 0.5), { atMost: 10 })];
  } finally {
    await house.close();
  }
}
