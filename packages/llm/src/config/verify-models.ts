import type { Protocol } from '../contract.ts';
import { toModelError } from '../model-error.ts';
import { formatModelName, type ModelName } from '../model-name.ts';
import type { ModelSettings } from '../settings.ts';

const PATIENCE_MS = 10_000;

/** A configured model that is not to be had, and why. */
export interface MissingModel extends ModelName {
  why: string;
}

/** Asks each provider of the given models what it offers. Several providers are asked at once. */
export async function verifyModels(
  providers: ModelSettings['providers'],
  configured: ModelName[],
  signal: AbortSignal,
): Promise<MissingModel[]> {
  const names = [...new Set(configured.map((each) => each.provider))];
  const missing = await Promise.all(
    names.map(async (name): Promise<MissingModel[]> => {
      const wanted = configured.filter((each) => each.provider === name);
      const provider = providers.find((each) => each.name === name);
      if (!provider) return wanted.map((each) => ({ ...each, why: `there is no provider ${name}` }));
      const patience = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
      try {
        const offered = await provider.models(patience);
        return wanted
          .filter(({ model }) => !offered.some((each) => isSame(provider.protocol, each, model)))
          .map((each) => ({ ...each, why: `${name} does not offer it` }));
      } catch (thrown) {
        const { message } = toModelError(thrown, signal);
        return wanted.map((each) => ({ ...each, why: message }));
      }
    }),
  );
  return missing.flat();
}

/** What a name may leave out or add of the one that its provider tells. */
function isSame(protocol: Protocol, offered: string, wanted: string): boolean {
  if (offered === wanted) return true;
  switch (protocol) {
    case 'ollama':
      return offered === `${wanted}:latest`;
    case 'anthropic': {
      const undated = wanted.replace(/-latest$/, '');
      return offered.startsWith(undated) && /^-\d{8}$/.test(offered.slice(undated.length));
    }
    case 'openai':
      // OpenRouter's variants: `:nitro`, `:online`.
      return wanted.startsWith(`${offered}:`);
    case 'bedrock':
      return false;
  }
}

export function describeMissing(missing: MissingModel): string {
  return `${formatModelName(missing)}: ${missing.why}`;
}
