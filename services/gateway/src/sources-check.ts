import type { Engine } from '@planyard/engine';
import type { HealthCheck } from '@planyard/runtime';

/** For `/readyz`: which data sources are told as they were once, and why. The gateway serves without them. */
export function sourcesCheck(sources: Pick<Engine['sources'], 'list'>): HealthCheck {
  return {
    name: 'sources',
    advisory: true,
    async check() {
      const states = await sources.list(null);
      const faults = states.flatMap(({ source, fault }) => (fault === null ? [] : [`${source}: ${fault}`]));
      if (faults.length > 0) throw new Error(faults.join('; '));
    },
  };
}
