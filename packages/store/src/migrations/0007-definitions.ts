/** Of each step what it takes to run it again: as it entered the graph, and the hash of its call. */
export const definitions = `
alter table steps add column definition json;
`;
