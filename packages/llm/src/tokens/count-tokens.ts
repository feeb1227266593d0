/** The tokenizer merges within words in quadratic time: a long text without spaces is counted in pieces, slightly too many. */
const PIECE = 512;
/** A longer text is not worth the time. */
const COUNTED_CHARS = 400_000;
const NO_SPECIAL = { disallowedSpecial: new Set<string>() };

const loadEncoding = () => import('gpt-tokenizer/encoding/o200k_base');
/** Importing what is there costs more than counting a short text. */
let encoding: ReturnType<typeof loadEncoding> | null = null;

/**
 * Tokens of a text in OpenAI's encoding o200k_base; other models' differ by some percent. The tables (2 MB) are loaded at
 * the first use. Text beyond 400,000 characters counts as one token for three characters.
 */
export async function countTokens(text: string): Promise<number> {
  encoding ??= loadEncoding();
  const { countTokens: count } = await encoding;
  let tokens = Math.ceil(Math.max(0, text.length - COUNTED_CHARS) / 3);
  for (let at = 0; at < Math.min(text.length, COUNTED_CHARS); at += PIECE)
    tokens += count(text.slice(at, Math.min(at + PIECE, COUNTED_CHARS)), NO_SPECIAL);
  return tokens;
}
