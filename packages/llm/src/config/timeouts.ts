import { z } from 'zod';

const ms = (fallback: number) => z.int().min(1).max(86_400_000).default(fallback);

/** Milliseconds. `connect_ms`: TLS's handshake included. */
export const Timeouts = z.strictObject({
  connect_ms: ms(5_000),
  first_token_ms: ms(60_000),
  between_tokens_ms: ms(30_000),
  total_ms: ms(300_000),
});
export type Timeouts = z.infer<typeof Timeouts>;

export const DEFAULT_TIMEOUTS: Timeouts = Timeouts.parse({});

/** What a caller may shorten for a call of its own; each holds for every try. */
export type OwnTimeouts = Partial<Omit<Timeouts, 'total_ms'>>;
