import { LIMITS } from '@planyard/contracts';
import { refuseManyValues } from './json-values.ts';
import { malformedJson } from './malformed-json.ts';

/** What a body says. Throws `malformed_json` with the position, `payload_too_large` for more values than that. */
export function parseJsonBody(body: Buffer, mostValues: number = LIMITS.body_values): unknown {
  refuseManyValues(body, mostValues);
  const text = body.toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    throw malformedJson(text);
  }
}
