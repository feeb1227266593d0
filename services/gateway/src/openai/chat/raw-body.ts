import type { ChatCompletionEnvelope } from '@planyard/contracts';

const MODEL = /"model"\s*:\s*("(?:[^"\\]|\\.)*")/g;
/** A letter of that name as an escape, which no program writes: the name may stand there unseen. */
const HIDDEN = /\\u006[45cdf]/i;

/**
 * The caller's bytes with another model in them, and `stream_options` where usage must be asked for. All else stays as it was
 * written. Quotes inside of JSON strings are escaped, so what matches is a field; where several are called `model`, or
 * might be, the body is written anew.
 */
export function rawBody(
  body: Buffer,
  envelope: ChatCompletionEnvelope,
  model: string,
  more: Record<string, unknown>,
): Buffer {
  // A letter for each byte: what is large is neither decoded nor encoded again.
  const text = body.toString('latin1');
  const matches = [...text.matchAll(MODEL)];
  const [match] = matches;
  const given = match?.[1];
  const foreign = Object.keys(more).some((name) => name in envelope);
  const unclear = matches.length !== 1 || given === undefined || nameIn(given) !== envelope.model;
  if (unclear || foreign || HIDDEN.test(text))
    return Buffer.from(JSON.stringify({ ...envelope, ...more, model }));
  const at = match?.index ?? 0;
  const fields = Object.entries(more).map(([name, value]) => `"${name}":${JSON.stringify(value)},`);
  return Buffer.concat([
    body.subarray(0, at),
    Buffer.from(`${fields.join('')}"model":${JSON.stringify(model)}`),
    body.subarray(at + (match?.[0].length ?? 0)),
  ]);
}

function nameIn(latin: string): unknown {
  return JSON.parse(Buffer.from(latin, 'latin1').toString('utf8'));
}
