import type { ChatPart } from '../contract.ts';
import { ModelError } from '../model-error.ts';

/** The error of a part of a message that a provider's protocol has no place for. */
export function foreignPart({ part }: Extract<ChatPart, { type: 'foreign' }>, provider: string): ModelError {
  return new ModelError('bad_request', `${provider} takes no content of type ${String(part.type)}`);
}
