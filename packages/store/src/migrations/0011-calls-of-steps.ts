/** Whether a step took over the result of an earlier one of its run, and of which tool the call failed that its fallback stands for. */
export const callsOfSteps = `
alter table steps add column adopted boolean not null default false, add column failed_tool text;
`;
