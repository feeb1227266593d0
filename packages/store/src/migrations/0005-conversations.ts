/** What was said is the runs of a conversation; `summary` stands for those up to `summary_until`. */
export const conversations = `
create table conversations (
  id text primary key,
  tenant text not null,
  user_id text not null,
  created_at timestamptz not null,
  summary text,
  summary_until timestamptz
);
create index conversations_by_user on conversations (tenant, user_id, created_at desc, id desc);

alter table runs add column conversation_id text references conversations (id) on delete set null;
create index runs_by_conversation on runs (conversation_id, created_at) where conversation_id is not null;
`;
