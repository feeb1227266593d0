import {
  ApiKey,
  CreatedKey,
  CreateKeyRequest,
  KeyPage,
  oneLine,
  PageQuery,
  PlanyardError,
} from '@planyard/contracts';
import { createKey, listKeys, revokeKey } from '@planyard/store';
import { z } from 'zod';
import type { Principal } from '../auth/principal.ts';
import type { GatewayDeps } from '../deps.ts';
import { defineRoute, type Route } from '../http/route.ts';

const TenantQuery = z.strictObject({
  tenant: oneLine(100).optional().meta({ description: 'Another tenant: for the operator only' }),
});

export function keyRoutes(deps: GatewayDeps, forgetKeys: () => void): Route[] {
  return [
    defineRoute({
      method: 'post',
      path: '/v1/keys',
      id: 'createKey',
      summary: 'Make an API key; it is shown this once',
      tag: 'Keys',
      access: 'admin',
      body: { schema: CreateKeyRequest, required: true, limit: 64 * 1024 },
      replies: { 201: { description: 'The key', schema: CreatedKey } },
      errors: ['forbidden'],
      async handle({ body, principal, log }) {
        tenantFor(principal, body.tenant);
        if (body.expires_at !== undefined && Date.parse(body.expires_at) <= deps.now())
          throw new PlanyardError('invalid_request', 'expires_at: lies in the past', {
            errors: [{ path: 'expires_at', message: 'lies in the past' }],
          });
        const created = await createKey(deps.db, body, { now: new Date(deps.now()) });
        log.info({ key_id: created.id, for_user: created.user, scopes: created.scopes }, 'API key made');
        return { status: 201, headers: { 'Cache-Control': 'no-store' }, body: created };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/v1/keys',
      id: 'listKeys',
      summary: 'Keys of the tenant, without their secrets',
      tag: 'Keys',
      access: 'admin',
      query: PageQuery.extend(TenantQuery.shape),
      replies: { 200: { description: 'A page of keys', schema: KeyPage } },
      async handle({ query, principal }) {
        return { body: await listKeys(deps.db, tenantFor(principal, query.tenant), query) };
      },
    }),
    defineRoute({
      method: 'delete',
      path: '/v1/keys/{id}',
      id: 'revokeKey',
      summary: 'Revoke a key; it stops working within seconds',
      tag: 'Keys',
      access: 'admin',
      params: z.object({ id: z.string().regex(/^[A-Za-z0-9_-]{1,100}$/) }),
      query: TenantQuery,
      replies: { 200: { description: 'The revoked key', schema: ApiKey } },
      errors: ['not_found'],
      async handle({ params, query, principal, log }) {
        const tenant = tenantFor(principal, query.tenant);
        const revoked = await revokeKey(deps.db, tenant, params.id, new Date(deps.now()));
        if (!revoked) throw new PlanyardError('not_found', `There is no key ${params.id}`);
        forgetKeys();
        log.info({ key_id: revoked.id }, 'API key revoked');
        return { body: revoked };
      },
    }),
  ];
}

/** The tenant whose keys this principal may handle. Only the operator reaches over the wall. */
function tenantFor(principal: Principal, tenant: string | undefined): string {
  if (tenant === undefined || tenant === principal.tenant) return principal.tenant;
  if (!principal.operator)
    throw new PlanyardError('forbidden', 'Keys of another tenant need an admin key of the tenant default');
  return tenant;
}
