/** When a run was given its newest incarnation: it is on its way to Redis, as one that has just been accepted. */
export const rebuiltRuns = `
alter table runs add column rebuilt_at timestamptz;
`;
