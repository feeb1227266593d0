import type { RunRecord } from '@planyard/contracts';
import { type Executor, findConversation, keepSummary, listTurns } from '@planyard/store';

/** An earlier question with its answer. */
export interface Turn {
  run_id: string;
  question: string;
  answer: string;
}

/** Where the earlier turns of a run's conversation lie. */
export interface ConversationStore {
  /** The summary so far, and the turns that it does not stand for, oldest first. */
  read(record: RunRecord): Promise<{ summary: string | null; turns: Turn[] }>;
  /** `before`: the summary that it goes on from; where there is another one by now, nothing is kept. */
  keepSummary(
    record: RunRecord,
    kept: { summary: string; before: string | null; turns: string[] },
  ): Promise<void>;
}

/** Turns that are read at most: older ones are in the summary, or out of reach. */
const TURNS = 100;

/** Conversations as Postgres holds them: the archived runs of each. */
export function createConversationStore(db: Executor): ConversationStore {
  return {
    async read({ caller, created_at, request: { conversation_id } }) {
      if (conversation_id === null) return { summary: null, turns: [] };
      // The turns first: one that is summed up meanwhile is told twice, the other way round it would be in neither.
      const turns = await listTurns(db, caller.tenant, conversation_id, {
        before: created_at,
        summed: false,
        limit: TURNS,
      });
      const found = await findConversation(db, caller, conversation_id);
      return found ? { summary: found.summary, turns: turns.reverse() } : { summary: null, turns: [] };
    },
    async keepSummary({ caller, request: { conversation_id } }, kept) {
      if (conversation_id) await keepSummary(db, caller.tenant, conversation_id, kept);
    },
  };
}
