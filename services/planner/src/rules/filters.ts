import type { MeaningOf } from './meaning.ts';

/** As the tools take them. */
export interface ItemFilters {
  type?: string[];
  owner?: string[];
  environment?: string[];
  status?: string[];
  attributes?: Record<string, string>;
  except?: { field: string; value?: string }[];
}

export function filtersOf(
  types: string[],
  values: MeaningOf<'value' | 'attribute'>[],
  except: MeaningOf<'except'>[],
): ItemFilters {
  const filters: ItemFilters = types.length > 0 ? { type: types } : {};
  for (const { kind, field, value } of values) {
    const own = field as 'owner' | 'environment' | 'status';
    if (kind === 'value') filters[own] = [...(filters[own] ?? []), value];
    else filters.attributes = { ...filters.attributes, [field]: value };
  }
  if (except.length > 0) filters.except = except.map(({ kind: _, ...left }) => left);
  return filters;
}

/** Filters as the answer names them: "items of type service of owner team-web". */
export function describeFilters({ type, attributes = {}, except = [], ...own }: ItemFilters): string {
  const told = Object.entries({ ...(type ? { type } : {}), ...own });
  return [
    'items',
    ...told.map(([field, values]) => `of ${field} ${values.join(type === values ? ' and ' : ' or ')}`),
    ...Object.entries(attributes).map(([field, value]) => `with ${field} ${value}`),
    ...except.map(({ field, value }) => (value ? `not of ${field} ${value}` : `without ${field}`)),
  ].join(' ');
}
