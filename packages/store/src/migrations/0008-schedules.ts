/** What is asked again and again: Redis only knows when the next time is due. */
export const schedules = `
create table schedules (
  id text primary key,
  tenant text not null,
  user_id text not null,
  key_id text not null,
  name text not null,
  cron text not null,
  timezone text not null,
  request json not null,
  paused_because text,
  created_at timestamptz not null,
  active_since timestamptz not null,
  last_fired_at timestamptz,
  last_run_id text,
  last_error json
);
create index schedules_by_tenant on schedules (tenant, created_at desc, id desc);
create index schedules_by_user on schedules (tenant, user_id);
create index schedules_active on schedules (id) where paused_because is null;
`;
