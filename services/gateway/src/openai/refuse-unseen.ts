import {
  ChatCompletionRequest,
  EmbeddingsRequest,
  PlanyardError,
  ResponsesRequest,
} from '@planyard/contracts';

/** By what OpenRouter and LiteLLM let a request ask another model, or a service with a price of its own. */
const OTHERS = new Set([
  'models',
  'plugins',
  'preset',
  'fallbacks',
  'context_window_fallbacks',
  'content_policy_fallbacks',
]);

/** Names by whose values a call is limited, counted and priced. */
const COUNTED = new Set([
  ...Object.keys(ChatCompletionRequest.shape),
  ...Object.keys(ResponsesRequest.shape),
  ...Object.keys(EmbeddingsRequest.shape),
  'service_tier',
  'functions',
]);

/** Throws `invalid_request` with the place of what would reach a model or a limit past those that the request names: what is not passed on, and what some servers read as a name that we know while we do not. */
export function refuseUnseen(body: object): void {
  for (const [name, value] of Object.entries(body)) {
    if (COUNTED.has(name)) continue;
    if (OTHERS.has(name)) {
      if (value !== null) throw refused(name, 'is not passed on: a route names the models');
      continue;
    }
    if (isRead(name)) throw refused(name, 'must be written in small letters');
    // LiteLLM puts what it holds over the fields beside it.
    if (name === 'extra_body')
      for (const inner of Object.keys(value ?? {}))
        if (isRead(inner)) throw refused(`extra_body.${inner}`, 'belongs beside extra_body, not in it');
  }
}

/** Servers in Go read a name in any case, by Unicode's folding, to which the long s and the Kelvin belong. */
function isRead(name: string): boolean {
  const folded = name.toUpperCase().toLowerCase();
  return COUNTED.has(folded) || OTHERS.has(folded);
}

function refused(path: string, message: string): PlanyardError {
  return new PlanyardError('invalid_request', `${path}: ${message}`, { errors: [{ path, message }] });
}
