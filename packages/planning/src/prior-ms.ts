import type { Complexity } from '@planyard/contracts';

/** Milliseconds a call takes, by the profile's complexity, until there are figures of its own. */
export const PRIOR_MS: Record<Complexity, number> = {
  very_low: 20,
  low: 60,
  medium: 150,
  high: 400,
  very_high: 1500,
};
