import { type CreateScheduleRequest, type Fault, newScheduleId, PlanyardError } from '@planyard/contracts';
import { type Compositions, type PromptRegistry, parametersSchema } from '@planyard/planning';
import {
  countSchedules,
  type Executor,
  findSchedule,
  insertSchedule,
  type StoredSchedule,
} from '@planyard/store';
import type { Principal } from '../auth/principal.ts';
import { parseOr } from '../http/route.ts';
import { refuseUnknownNames } from '../runs/refuse-unknown-names.ts';
import { faultsOfCron } from './cron-times.ts';

export interface CreateScheduleDeps {
  db: Executor;
  prompts: Pick<PromptRegistry, 'list' | 'agents' | 'blueprints'>;
  compositions: Pick<Compositions, 'get'>;
  now: () => number;
  settings: { schedulesPerUser: number; scheduleMinSeconds: number };
}

/** Writes a schedule to Postgres. Throws `invalid_request` with the place of what cannot be, `too_many_schedules` at the user's cap. */
export async function createSchedule(
  deps: CreateScheduleDeps,
  body: CreateScheduleRequest,
  { tenant, user, key_id }: Principal,
): Promise<StoredSchedule> {
  const { name, cron, timezone, ...request } = body;
  const now = deps.now();
  const most = deps.settings.schedulesPerUser;
  const tooMany = () => new PlanyardError('too_many_schedules', `${user} has ${most} schedules`);
  // Rare times are dear to look at.
  if ((await countSchedules(deps.db, { tenant, user })) >= most) throw tooMany();
  refuse(faultsOfCron({ cron, timezone }, deps.settings.scheduleMinSeconds, now));
  refuseUnknownNames(request, deps.prompts);
  const { composition } = request;
  if (composition) {
    const found = deps.compositions.get(composition.name);
    if (!found)
      throw refused([{ path: 'composition.name', message: `there is no composition ${composition.name}` }]);
    parseOr(
      'invalid_request',
      parametersSchema(found.parameters),
      composition.parameters,
      'composition.parameters',
    );
  }
  const id = newScheduleId(now);
  const caller = { tenant, user, key_id };
  const created_at = new Date(now).toISOString();
  const schedule = {
    id,
    name,
    cron,
    timezone,
    request: JSON.parse(JSON.stringify(request)),
    caller,
    created_at,
  };
  if (!(await insertSchedule(deps.db, schedule, most))) throw tooMany();
  return (await findSchedule(deps.db, tenant, id)) as StoredSchedule;
}

function refuse(errors: Fault[]): void {
  if (errors.length > 0) throw refused(errors);
}

function refused(errors: Fault[]): PlanyardError {
  const sentences = errors.map(({ path, message }) => `${path}: ${message}`);
  return new PlanyardError('invalid_request', sentences.join('; '), { errors });
}
