import { ConversationId, ConversationQuery, ConversationView, PlanyardError } from '@planyard/contracts';
import { deleteConversation, findConversation, listTurns } from '@planyard/store';
import { z } from 'zod';
import type { GatewayDeps } from '../deps.ts';
import { pageOfArray } from '../http/page-of-array.ts';
import { defineRoute, type Route } from '../http/route.ts';

const ConversationParams = z.object({ id: ConversationId });

/** Turns of one conversation that can be paged through. */
const turnsAtMost = 1_000;

export function conversationRoutes({ db }: Pick<GatewayDeps, 'db'>): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/v1/conversations/{id}',
      id: 'getConversation',
      summary: 'What was said in a conversation, newest first; only to the user it belongs to',
      tag: 'Agents',
      access: 'runs:read',
      params: ConversationParams,
      query: ConversationQuery,
      replies: { 200: { description: 'The conversation', schema: ConversationView } },
      errors: ['not_found'],
      async handle({ params, query, principal }) {
        const found = await findConversation(db, principal, params.id);
        if (!found) throw missing(params.id);
        const turns = await listTurns(db, principal.tenant, found.id, { limit: turnsAtMost });
        const { id, created_at, summary } = found;
        return { body: { id, created_at, summary, turns: pageOfArray(turns, query) } };
      },
    }),
    defineRoute({
      method: 'delete',
      path: '/v1/conversations/{id}',
      id: 'deleteConversation',
      summary: 'Delete a conversation with its runs',
      tag: 'Agents',
      access: 'runs:write',
      params: ConversationParams,
      replies: { 204: { description: 'It is gone' } },
      errors: ['not_found', 'conflict'],
      async handle({ params, principal }) {
        switch (await deleteConversation(db, principal, params.id)) {
          case 'missing':
            throw missing(params.id);
          case 'open':
            throw new PlanyardError('conflict', 'A run of the conversation is open: cancel it first');
          case 'deleted':
            return { status: 204 };
        }
      },
    }),
  ];
}

function missing(id: string): PlanyardError {
  return new PlanyardError('not_found', `There is no conversation ${id}`);
}
