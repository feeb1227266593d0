/** By which error the run of a plan ended, where it failed. */
export const planErrors = `
alter table plans add column error text;
`;
