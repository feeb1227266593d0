import { type CreateRunRequest, PlanyardError } from '@planyard/contracts';
import { faultsOfPins, type PromptRegistry } from '@planyard/planning';

/** Throws `invalid_request` with the place of every pinned prompt or version that is not there. */
export function refuseUnknownPrompts(body: CreateRunRequest, prompts: Pick<PromptRegistry, 'list'>): void {
  const errors = faultsOfPins(prompts, body.options?.prompts ?? {});
  if (errors.length === 0) return;
  const sentences = errors.map(({ path, message }) => `${path}: ${message}`);
  throw new PlanyardError('invalid_request', sentences.join('; '), { errors });
}
