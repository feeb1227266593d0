/** What a run cost is unknown where a model without a price was called. */
export const unknownCost = `
alter table runs alter column cost_usd drop not null;
`;
