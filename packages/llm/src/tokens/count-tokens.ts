import { setImmediate as turn } from 'node:timers/promises';

/** The tokenizer merges within words in quadratic time: a long text without spaces is counted in pieces, slightly too many. */
const PIECE = 512;
/** Others have their turn after so many characters, 20 ms or so of the densest text. */
const TURN = 16 * PIECE;
/** More text is not worth the time. */
const COUNTED_CHARS = 400_000;
const NO_SPECIAL = { disallowedSpecial: new Set<string>() };

const loadEncoding = () => import('gpt-tokenizer/encoding/o200k_base');
/** Importing what is there costs more than counting a short text. */
let encoding: ReturnType<typeof loadEncoding> | null = null;

/**
 * Tokens of texts in OpenAI's encoding o200k_base; other models' differ by some percent. The tables (2 MB) are loaded at
 * the first use. What is beyond 400,000 characters, of all together, counts as one token for three characters.
 */
export async function countTokens(...texts: string[]): Promise<number> {
  encoding ??= loadEncoding();
  const { countTokens: count } = await encoding;
  let tokens = 0;
  let counted = 0;
  let sinceTurn = 0;
  for (const text of texts) {
    const end = Math.min(text.length, COUNTED_CHARS - counted);
    for (let at = 0; at < end; at += PIECE) {
      tokens += count(text.slice(at, Math.min(at + PIECE, end)), NO_SPECIAL);
      sinceTurn += PIECE;
      if (sinceTurn < TURN) continue;
      sinceTurn = 0;
      await turn();
    }
    counted += end;
    tokens += Math.ceil((text.length - end) / 3);
  }
  return tokens;
}
