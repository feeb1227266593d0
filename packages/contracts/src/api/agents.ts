import { z } from 'zod';
import { AgentListItem, AgentName, BlueprintListItem } from '../agent.ts';
import { Budget } from '../budget.ts';
import { ConversationId, RunId, Timestamp } from '../ids.ts';
import { LIMITS } from '../limits.ts';
import { RunOptions, Tags } from '../run.ts';
import { PageQuery, pageOf } from './page.ts';

export const AgentParams = z.object({ name: AgentName });
export const AgentPage = pageOf(AgentListItem).meta({ id: 'AgentPage' });
export const BlueprintPage = pageOf(BlueprintListItem).meta({ id: 'BlueprintPage' });

/** `POST /v1/agents/{name}/chat` and `POST /v1/blueprints/{name}/chat`. */
export const ChatRequestBody = z
  .strictObject({
    message: z.string().trim().min(1).max(LIMITS.question_chars),
    conversation_id: ConversationId.optional().meta({
      description: 'Goes on with what was said; a new conversation without it',
    }),
    budget: Budget.optional(),
    deadline: Timestamp.optional(),
    options: RunOptions.partial().optional(),
    tags: Tags.optional(),
  })
  .meta({ id: 'ChatRequest' });
export type ChatRequestBody = z.input<typeof ChatRequestBody>;

const Turn = z.object({ run_id: RunId, at: Timestamp, question: z.string(), answer: z.string() });

export const ConversationQuery = PageQuery;
/** A conversation: its answered questions, newest first. */
export const ConversationView = z
  .object({
    id: ConversationId,
    created_at: Timestamp,
    summary: z.string().nullable().meta({ description: 'What models are told in place of the older turns' }),
    turns: pageOf(Turn),
  })
  .meta({ id: 'Conversation' });
export type ConversationView = z.infer<typeof ConversationView>;
