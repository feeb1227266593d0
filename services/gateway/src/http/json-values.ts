import { PlanyardError } from '@planyard/contracts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const BRACKET = 0x5b;
const BRACE = 0x7b;

/** Throws `payload_too_large` for a JSON text of more values than that: reading ten million takes many seconds, and telling what is wrong with each of them many gigabytes. */
export function refuseManyValues(text: Uint8Array, most: number): void {
  if (hasMoreValues(text, most))
    throw new PlanyardError('payload_too_large', `A body may have ${most.toLocaleString('en')} values`);
}

/** By its commas and opening brackets, one of which goes before nearly every value. */
function hasMoreValues(text: Uint8Array, most: number): boolean {
  // Each takes two bytes at least.
  if (text.length <= 2 * most) return false;
  let values = 0;
  for (let at = 0; at < text.length; at += 1) {
    const byte = text[at];
    if (byte === QUOTE) {
      for (at += 1; at < text.length && text[at] !== QUOTE; at += 1) if (text[at] === BACKSLASH) at += 1;
    } else if (byte === COMMA || byte === BRACKET || byte === BRACE) {
      values += 1;
      if (values > most) return true;
    }
  }
  return false;
}
