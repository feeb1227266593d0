import type { EmbedRequest } from '../contract.ts';
import { ModelError } from '../model-error.ts';

/** The texts to embed. Throws `bad_request` for tokens, whose numbers only models of OpenAI's protocol read. */
export function textsOf(input: EmbedRequest['input'], model: string): string[] {
  const texts = input.filter((each) => typeof each === 'string');
  if (texts.length === input.length) return texts;
  const message = `${model} takes texts, not tokens`;
  throw new ModelError('bad_request', message, { errors: [{ path: 'input', message }] });
}
