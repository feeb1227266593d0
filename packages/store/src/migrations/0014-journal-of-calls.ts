/** Which call an entry stands for: another step may make the same, and a rebuilt run another one by the same name. */
export const journalOfCalls = `
alter table journal add column call_hash text not null default '', add column incarnation int not null default 1;
alter table journal drop constraint journal_pkey, add primary key (run_id, incarnation, step_id, try, fallback);
`;
