import type { ChatCompletionEnvelope } from '@planyard/contracts';

const MODEL = /"model"\s*:\s*("(?:[^"\\]|\\.)*")/g;

/**
 * The caller's bytes with another model in them, and `stream_options` where usage must be asked for. All else stays as it was
 * written. Quotes inside of JSON strings are escaped, so what matches is a field; where several are called `model` the body
 * is written anew.
 */
export function rawBody(
  body: Buffer,
  envelope: ChatCompletionEnvelope,
  model: string,
  more: Record<string, unknown>,
): Buffer {
  const text = body.toString('utf8');
  const matches = [...text.matchAll(MODEL)];
  const [match] = matches;
  const given = match?.[1];
  const foreign = Object.keys(more).some((name) => name in envelope);
  if (matches.length !== 1 || given === undefined || JSON.parse(given) !== envelope.model || foreign)
    return Buffer.from(JSON.stringify({ ...envelope, ...more, model }));
  const at = match?.index ?? 0;
  const fields = Object.entries(more).map(([name, value]) => `"${name}":${JSON.stringify(value)},`);
  const start = text.slice(0, at);
  return Buffer.from(
    `${start}${fields.join('')}"model":${JSON.stringify(model)}${text.slice(at + (match?.[0].length ?? 0))}`,
  );
}
