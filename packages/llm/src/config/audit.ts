import { z } from 'zod';

/** What the records of model calls hold besides who called which model for what. */
export const AuditSettings = z.strictObject({
  content: z.boolean().default(false).meta({
    description: 'The request and the reply too, without secrets: in records, run events and spans',
  }),
  content_chars: z.int().min(1).max(1_000_000).default(16_000).meta({ description: 'Of each at most' }),
});
export type AuditSettings = z.infer<typeof AuditSettings>;

export const DEFAULT_AUDIT: AuditSettings = AuditSettings.parse({});
