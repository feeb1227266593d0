import { z } from 'zod';
import { oneLine, Timestamp } from '../ids.ts';
import { pageOf } from './page.ts';

export const Scope = z.enum(['runs:write', 'runs:read', 'runs:approve', 'models:call', 'admin']);
export type Scope = z.infer<typeof Scope>;

const slug = z.string().regex(/^[a-z0-9][a-z0-9_.@-]{0,99}$/i, 'letters, digits and _ . @ -');

export const CreateKeyRequest = z
  .strictObject({
    name: oneLine(100).min(1),
    user: slug,
    tenant: slug.default('default'),
    scopes: z.array(Scope).min(1),
    expires_at: Timestamp.optional(),
  })
  .meta({ id: 'CreateKeyRequest' });
export type CreateKeyRequest = z.infer<typeof CreateKeyRequest>;

/** A key without its secret. */
export const ApiKey = z
  .object({
    id: z.string(),
    name: z.string(),
    prefix: z.string(),
    user: z.string(),
    tenant: z.string(),
    scopes: z.array(Scope),
    created_at: Timestamp,
    expires_at: Timestamp.nullable(),
    revoked_at: Timestamp.nullable(),
    last_used_at: Timestamp.nullable(),
  })
  .meta({ id: 'ApiKey' });
export type ApiKey = z.infer<typeof ApiKey>;
export const KeyPage = pageOf(ApiKey).meta({ id: 'ApiKeyPage' });

export const CreatedKey = ApiKey.extend({ key: z.string().meta({ description: 'Shown this once' }) }).meta({
  id: 'CreatedKey',
});
export type CreatedKey = z.infer<typeof CreatedKey>;
