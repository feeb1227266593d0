/** Texts that processes share, and who is making one right now. */
export interface ReplyCache {
  lookUp(
    key: string,
    owner: string,
  ): Promise<{ kind: 'hit'; value: string } | { kind: 'mine' } | { kind: 'busy' }>;
  /** What is kept, without a claim to make it. */
  read(key: string): Promise<string | null>;
  keep(key: string, owner: string, value: string, ttlMs: number): Promise<void>;
  giveUp(key: string, owner: string): Promise<void>;
  /** Renews the claim until the returned function is called. */
  hold(key: string, owner: string): () => void;
}
