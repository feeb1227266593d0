import type { BreakerState, ToolFigures, ToolManifest } from '@planyard/contracts';
import { PRIOR_MS } from './prior-ms.ts';

/** What is known of a tool beyond its manifest; each figure falls back to the manifest's prior. */
export interface LiveFigures {
  est_ms?: number;
  accuracy?: number;
  cached?: boolean;
  /** Share of its workers' places that are taken or waited for: 0 idle, 1 full. */
  load?: number;
  breaker?: BreakerState;
}

/** So many calls weigh as much as the profile. */
const PRIOR_CALLS = { accuracy: 10, est_ms: 3 };

/** A tool's running figures, blended with its profile: the fewer calls there were, the more the profile counts. */
export function liveFiguresOf(tool: ToolManifest, figures: ToolFigures | undefined): LiveFigures {
  if (!figures) return {};
  const blend = (prior: number, measured: number, calls: number) =>
    (prior * calls + measured * figures.calls) / (calls + figures.calls);
  return {
    accuracy: blend(tool.profile.accuracy, figures.success, PRIOR_CALLS.accuracy),
    est_ms: blend(PRIOR_MS[tool.profile.complexity], figures.ms, PRIOR_CALLS.est_ms),
    cached: figures.cached >= 0.5,
    load: figures.load,
    breaker: figures.breaker,
  };
}
