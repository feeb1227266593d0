/** Texts that processes share, and who is making one right now. */
export interface ReplyCache {
  /** `kept`: whether a reply that was kept earlier will do; `awaited`: the maker that the last look named. Look again within the lease. */
  join(
    key: string,
    owner: string,
    look: { kept: boolean; awaited: string | null },
  ): Promise<
    | { kind: 'hit'; value: string }
    | { kind: 'mine' }
    | { kind: 'busy'; maker: string }
    /** It was made and cannot be shared: each is to make its own. */
    | { kind: 'alone' }
  >;
  /** What is kept, without a claim to make it. */
  read(key: string): Promise<string | null>;
  keep(key: string, owner: string, value: string, ttlMs: number): Promise<void>;
  giveUp(key: string, owner: string): Promise<void>;
  /** Renews the claim until the returned function is called. */
  hold(key: string, owner: string): () => void;
}
