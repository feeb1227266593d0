/** Which runs the summary of their conversation stands for: a time would take in one that ends after a later one was summed up. */
export const summedTurns = `
alter table runs add column summed_up boolean not null default false;
update runs set summed_up = true from conversations
  where conversations.id = runs.conversation_id
    and runs.created_at <= conversations.summary_until and runs.ended_at is not null;
alter table conversations drop column summary_until;
create index runs_not_summed_up on runs (conversation_id, created_at)
  where conversation_id is not null and not summed_up;
`;
