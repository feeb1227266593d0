/**
 * Calls that came in at the model API belong to no run. Who asked, what was asked and what it used are columns: usage is
 * summed over them.
 */
export const modelCalls = `
alter table model_calls drop constraint model_calls_pkey;
alter table model_calls
  alter column run_id drop not null,
  alter column number drop not null,
  add column id bigint generated always as identity primary key,
  add column user_id text,
  add column key_id text,
  add column tags text[] not null default '{}',
  add column provider text,
  add column model text,
  add column agent text,
  add column status text,
  add column input_tokens bigint not null default 0,
  add column output_tokens bigint not null default 0,
  add column cached_tokens bigint not null default 0,
  add column cost_usd double precision;
update model_calls set
  user_id = runs.user_id,
  key_id = runs.key_id,
  provider = call ->> 'provider',
  model = call ->> 'model',
  agent = call ->> 'agent',
  status = call ->> 'status',
  input_tokens = coalesce((call #>> '{usage,input_tokens}')::bigint, 0),
  output_tokens = coalesce((call #>> '{usage,output_tokens}')::bigint, 0),
  cached_tokens = coalesce((call #>> '{usage,cached_tokens}')::bigint, 0),
  cost_usd = (call ->> 'cost_usd')::double precision
from runs where runs.id = model_calls.run_id;
alter table model_calls
  alter column user_id set not null,
  alter column key_id set not null,
  alter column provider set not null,
  alter column model set not null,
  alter column status set not null;
create unique index model_calls_by_run on model_calls (run_id, number);
create index model_calls_by_time on model_calls (tenant, started_at);
create index model_calls_without_run on model_calls (started_at) where run_id is null;
`;
