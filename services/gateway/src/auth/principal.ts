import { type Caller, PlanyardError, type Scope } from '@planyard/contracts';

/** Who asks, as their key says. */
export interface Principal extends Caller {
  scopes: Scope[];
  /** An admin of the default tenant: runs the installation, so that the wall between tenants does not stand before them where keys and queues are concerned. */
  operator: boolean;
}

/** `admin` includes every scope. Throws `forbidden` with the scope that is missing. */
export function requireScope(principal: Principal, scope: Scope): void {
  if (!principal.scopes.includes(scope) && !principal.scopes.includes('admin'))
    throw new PlanyardError('forbidden', `This needs a key with the scope ${scope}`);
}
