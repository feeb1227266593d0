import type { Engine } from '@planyard/engine';
import type { HealthCheck } from '@planyard/runtime';

/** For `/readyz`: which data sources are told as they were once, and why. The gateway serves without them. */
export function sourcesCheck(sources: Pick<Engine['sources'], 'list'>): HealthCheck {
  return staleCheck(sources, (faults) => faults.join('; '));
}

/** The same for those who ask without a key: what the sources of a tenant are is nobody else's. */
export function publicSourcesCheck(sources: Pick<Engine['sources'], 'list'>): HealthCheck {
  return staleCheck(
    sources,
    ({ length }) => `${length} data ${length === 1 ? 'source is' : 'sources are'} stale`,
  );
}

function staleCheck(
  sources: Pick<Engine['sources'], 'list'>,
  tell: (faults: string[]) => string,
): HealthCheck {
  return {
    name: 'sources',
    advisory: true,
    async check() {
      const states = await sources.list(null);
      const faults = states.flatMap(({ source, fault }) => (fault === null ? [] : [`${source}: ${fault}`]));
      if (faults.length > 0) throw new Error(tell(faults));
    },
  };
}
