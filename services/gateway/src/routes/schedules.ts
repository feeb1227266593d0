import { setImmediate as breathe } from 'node:timers/promises';
import {
  CreateScheduleRequest,
  ListSchedulesQuery,
  PlanyardError,
  Schedule,
  ScheduleId,
  SchedulePage,
} from '@planyard/contracts';
import {
  deleteSchedule,
  findSchedule,
  listSchedules,
  pauseSchedule,
  resumeSchedule,
  type StoredSchedule,
} from '@planyard/store';
import { z } from 'zod';
import type { Principal } from '../auth/principal.ts';
import type { GatewayDeps } from '../deps.ts';
import { defineRoute, type Route } from '../http/route.ts';
import { createSchedule } from '../schedules/create-schedule.ts';
import { createNextTimes } from '../schedules/next-times.ts';

const ScheduleParams = z.object({ id: ScheduleId });

export function scheduleRoutes(deps: GatewayDeps): Route[] {
  const nextTimes = createNextTimes();
  const view = ({ caller, active_since: _since, ...schedule }: StoredSchedule): Schedule => ({
    ...schedule,
    user: caller.user,
    status: schedule.paused_because === null ? 'active' : 'paused',
    next_runs:
      schedule.paused_because === null
        ? nextTimes(schedule, deps.now()).map((time) => new Date(time).toISOString())
        : [],
  });

  async function requireSchedule(id: ScheduleId, principal: Principal): Promise<StoredSchedule> {
    const found = await findSchedule(deps.db, principal.tenant, id);
    if (!found) throw new PlanyardError('not_found', `There is no schedule ${id}`);
    return found;
  }

  /** Whoever's it is, and admins, may change a schedule. */
  async function requireOwn(id: ScheduleId, principal: Principal): Promise<StoredSchedule> {
    const found = await requireSchedule(id, principal);
    if (found.caller.user !== principal.user && !principal.scopes.includes('admin'))
      throw new PlanyardError(
        'forbidden',
        `Schedule ${id} is of ${found.caller.user}: it needs their key, or an admin’s`,
      );
    return found;
  }

  /** Postgres holds the truth: what Redis could not be told now, the next reconciliation tells it. */
  async function tell(change: Promise<void>, id: ScheduleId): Promise<void> {
    await change.catch((err: unknown) =>
      deps.log.warn({ err, schedule_id: id }, 'Redis could not be told of a schedule; it will be'),
    );
  }

  return [
    defineRoute({
      method: 'post',
      path: '/v1/schedules',
      id: 'createSchedule',
      summary: 'Ask a question, or run a composition, again and again',
      tag: 'Schedules',
      access: 'runs:write',
      body: { schema: CreateScheduleRequest, required: true, limit: 1024 * 1024 },
      replies: { 201: { description: 'The schedule', schema: Schedule } },
      errors: ['too_many_schedules'],
      async handle({ body, principal }) {
        const schedule = await createSchedule(deps, body, principal);
        await tell(deps.schedules.add(schedule), schedule.id);
        return { status: 201, headers: { Location: `/v1/schedules/${schedule.id}` }, body: view(schedule) };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/v1/schedules',
      id: 'listSchedules',
      summary: 'Schedules, newest first',
      tag: 'Schedules',
      access: 'runs:read',
      query: ListSchedulesQuery,
      replies: { 200: { description: 'A page of schedules', schema: SchedulePage } },
      async handle({ query, principal }) {
        const page = await listSchedules(deps.db, principal.tenant, query);
        const data: Schedule[] = [];
        for (const schedule of page.data) {
          data.push(view(schedule));
          // Between two of rare times there is room for other requests.
          await breathe();
        }
        return { body: { ...page, data } };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/v1/schedules/{id}',
      id: 'getSchedule',
      summary: 'A schedule with its next five times',
      tag: 'Schedules',
      access: 'runs:read',
      params: ScheduleParams,
      replies: { 200: { description: 'The schedule', schema: Schedule } },
      errors: ['not_found'],
      async handle({ params, principal }) {
        return { body: view(await requireSchedule(params.id, principal)) };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/v1/schedules/{id}/pause',
      id: 'pauseSchedule',
      summary: 'Pause a schedule',
      tag: 'Schedules',
      access: 'runs:write',
      params: ScheduleParams,
      replies: { 200: { description: 'The schedule as it is now', schema: Schedule } },
      errors: ['not_found'],
      async handle({ params: { id }, principal }) {
        await requireOwn(id, principal);
        await pauseSchedule(deps.db, id, 'user');
        await tell(deps.schedules.remove(id), id);
        return { body: view(await requireSchedule(id, principal)) };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/v1/schedules/{id}/resume',
      id: 'resumeSchedule',
      summary: 'Go on with a schedule; its owner’s runs are of the key that asks from now on',
      tag: 'Schedules',
      access: 'runs:write',
      params: ScheduleParams,
      replies: { 200: { description: 'The schedule as it is now', schema: Schedule } },
      errors: ['not_found'],
      async handle({ params: { id }, principal }) {
        const { caller } = await requireOwn(id, principal);
        const keyId = caller.user === principal.user ? principal.key_id : caller.key_id;
        await resumeSchedule(deps.db, id, keyId, new Date(deps.now()));
        const schedule = await requireSchedule(id, principal);
        await tell(deps.schedules.add(schedule), id);
        return { body: view(schedule) };
      },
    }),
    defineRoute({
      method: 'delete',
      path: '/v1/schedules/{id}',
      id: 'deleteSchedule',
      summary: 'Delete a schedule; its runs stay',
      tag: 'Schedules',
      access: 'runs:write',
      params: ScheduleParams,
      replies: { 204: { description: 'It is gone' } },
      errors: ['not_found'],
      async handle({ params: { id }, principal }) {
        await requireOwn(id, principal);
        await deleteSchedule(deps.db, principal.tenant, id);
        await tell(deps.schedules.remove(id), id);
        return { status: 204 };
      },
    }),
  ];
}
