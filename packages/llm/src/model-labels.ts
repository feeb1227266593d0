import type { ModelName } from './model-name.ts';
import type { ModelSettings } from './settings.ts';

/** Names that nobody configured and that have a label of their own; each costs a time series in every metric. */
const MOST_NAMES = 500;
const OTHER = 'other';

/** The labels of a model's metrics. Callers may invent names: configured and priced models keep theirs, of all others the first hundreds do, and the rest are `other`. */
export interface ModelLabels {
  of(name: ModelName, info: { agent: string | null }): { provider: string; model: string; agent: string };
  /** A model or route as a caller named it. */
  asked(model: string): string;
}

export function createModelLabels(settings: () => ModelSettings, most = MOST_NAMES): ModelLabels {
  const known = new Set<string>();

  function mayShow(id: string, configured: () => boolean): boolean {
    if (known.has(id)) return true;
    if (known.size >= most) return configured();
    known.add(id);
    return true;
  }

  return {
    of(name, { agent }) {
      const id = `${name.provider}/${name.model}`;
      const shown = mayShow(id, () => isConfigured(id, settings()) || id in settings().prices.prices);
      return { ...name, model: shown ? name.model : OTHER, agent: agent ?? 'none' };
    },
    asked: (model) => (mayShow(model, () => isConfigured(model, settings())) ? model : OTHER),
  };
}

function isConfigured(id: string, { routes }: ModelSettings): boolean {
  return (
    id in routes ||
    Object.values(routes).some(({ models }) => models.flat().some((each) => each.model === id))
  );
}
