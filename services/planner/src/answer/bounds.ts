import type { Show } from './describer.ts';
import { formatNumber } from './words.ts';

/** Whether a figure lies within the bounds that a question names. */
export function isWithin(value: number, { above, below, inclusive }: Show): boolean {
  if (inclusive) return (above === undefined || value >= above) && (below === undefined || value <= below);
  return (above === undefined || value > above) && (below === undefined || value < below);
}

/** "above 80", "at least 5 and at most 9"; empty without bounds. */
export function describeBounds({ above, below, inclusive }: Show): string {
  return [
    above === undefined ? '' : `${inclusive ? 'at least' : 'above'} ${formatNumber(above)}`,
    below === undefined ? '' : `${inclusive ? 'at most' : 'below'} ${formatNumber(below)}`,
  ]
    .filter(Boolean)
    .join(' and ');
}
