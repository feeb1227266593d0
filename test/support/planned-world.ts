import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Reply } from '@planyard/llm/testing';
import { inject } from 'vitest';
import { hospital } from '../questions/hospital.ts';
import { loadFixture } from '../questions/inventory-fixture.ts';
import { type ScriptedModel, startScriptedModel } from './scripted-model.ts';
import { type AskedRun, openWorld, type World } from './world.ts';

const PLANS = 'You plan how to answer';
export const REPAIRS = 'Parts of this plan cannot run';
export const REPLANS = 'This question was planned before';
export const JOINS = 'You answer a question';

/** Stories make models fail on purpose: what one does keeps no other from its model. */
const CONFIG = `
timeouts: { between_tokens_ms: 1000 }
breaker: { min_calls: 1000 }
routes: { by_two: [openai/gpt-5-mini, openai/gpt-5] }
`;

export interface PlannedWorld extends World {
  server: ScriptedModel;
  /** Replies by what the prompt is for; repairs and replans come before the plan, whose prompt theirs hold too. */
  script(replies: { plan?: Reply[]; repair?: Reply[]; replan?: Reply[]; join?: Reply[] }): void;
}

/** A world with the hospital's inventory, whose plans and answers a story scripts. A model that says nothing for a second is given up. `model`: who plans and answers; the route `by_two` has two of them. */
export async function openPlannedWorld(model?: string): Promise<PlannedWorld> {
  const server = await startScriptedModel();
  const directory = await mkdtemp(join(tmpdir(), 'planyard-'));
  await writeFile(join(directory, 'planyard.yaml'), CONFIG);
  const world = await openWorld({
    redisUrl: inject('redisUrl'),
    postgresUrl: inject('postgresUrl'),
    planner: {
      ...server.env,
      ...(model ? { PLANYARD_MODEL: model } : {}),
      PLANYARD_CONFIG: join(directory, 'planyard.yaml'),
    },
  });
  await loadFixture(world.db, 'default', hospital, new Date());
  return {
    ...world,
    server,
    script(replies) {
      const rule = (when: string, given: Reply[] | undefined) => (given ? [{ when, replies: given }] : []);
      server.script([
        ...rule(REPAIRS, replies.repair),
        ...rule(REPLANS, replies.replan),
        ...rule(PLANS, replies.plan),
        ...rule(JOINS, replies.join),
      ]);
    },
    async close() {
      await world.close();
      await server.close();
      await rm(directory, { recursive: true });
    },
  };
}

export const step = (id: string, tool: string, args: object, more: object = {}) => ({
  id,
  tool,
  args,
  purpose: id,
  ...more,
});
export const plan = (...steps: object[]) => JSON.stringify({ intent: 'test', steps });
export const GET = step('mri', 'ci.get', { id: 'MRI-1' });
export const WARDS = step('wards', 'ci.list_preview', { type: 'ward' });
export const at = (run: AskedRun, type: string) =>
  Date.parse(run.events.find((event) => event.type === type)?.at ?? '');
export const calls = (run: AskedRun) =>
  run.events.flatMap((event) => (event.type === 'model.called' ? [event.data] : []));
