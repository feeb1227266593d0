/** What steps have spent by their tools, each step once: usage is summed over it as over model calls. */
export const toolSpending = `
create table tool_spending (
  run_id text not null references runs (id) on delete cascade,
  step_id text not null,
  tenant text not null,
  key_id text not null,
  tags text[] not null,
  agent text,
  tool text not null,
  ended_at timestamptz not null,
  failed boolean not null,
  input_tokens bigint not null,
  output_tokens bigint not null,
  cached_tokens bigint not null,
  cost_usd double precision not null,
  unpriced boolean not null,
  primary key (run_id, step_id)
);
create index tool_spending_by_time on tool_spending (tenant, ended_at);
insert into tool_spending
select runs.id, steps.id, runs.tenant, runs.key_id, array(select json_array_elements_text(runs.request -> 'tags')),
  runs.agent, steps.tool, steps.ended_at, steps.status = 'failed',
  coalesce((view #>> '{usage,input_tokens}')::bigint, 0), coalesce((view #>> '{usage,output_tokens}')::bigint, 0),
  coalesce((view #>> '{usage,cached_tokens}')::bigint, 0), (view ->> 'cost_usd')::double precision, false
from steps join runs on runs.id = steps.run_id
where (view ->> 'cost_usd')::double precision > 0 and steps.ended_at is not null;
`;
