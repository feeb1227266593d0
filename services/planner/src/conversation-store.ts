import { type Executor, findConversation, keepSummary, listTurns } from '@planyard/store';
import type { ConversationStore } from './model/conversation.ts';

/** Turns that are read at most: older ones are in the summary, or out of reach. */
const TURNS = 100;

/** Conversations as Postgres holds them: the archived runs of each. */
export function createConversationStore(db: Executor): ConversationStore {
  return {
    async read({ caller, created_at, request: { conversation_id } }) {
      const found = conversation_id && (await findConversation(db, caller, conversation_id));
      if (!found) return { summary: null, turns: [] };
      const turns = await listTurns(db, caller.tenant, found.id, {
        after: found.summary_until,
        before: created_at,
        limit: TURNS,
      });
      return { summary: found.summary, turns: turns.reverse() };
    },
    async keepSummary({ caller, request: { conversation_id } }, summary, until) {
      if (conversation_id) await keepSummary(db, caller.tenant, conversation_id, { summary, until });
    },
  };
}
