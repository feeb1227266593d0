import { PlanyardError } from '@planyard/contracts';

/** A model as settings and records name it: `provider/model`; the model's own name may hold slashes. */
export interface ModelName {
  provider: string;
  model: string;
}

/** Throws `invalid_config` for a text that is not `provider/model`. */
export function parseModelName(text: string): ModelName {
  const slash = text.indexOf('/');
  if (slash < 1 || slash === text.length - 1)
    throw new PlanyardError(
      'invalid_config',
      `"${text}" is not a model: write provider/model, such as openai/gpt-5-mini`,
    );
  return { provider: text.slice(0, slash), model: text.slice(slash + 1) };
}

export function formatModelName({ provider, model }: ModelName): string {
  return `${provider}/${model}`;
}
