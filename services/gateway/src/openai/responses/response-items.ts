import { type Caller, ResponseInputItem, type ResponseOutputItem } from '@planyard/contracts';
import type { Cluster, Redis } from 'ioredis';

/** Output items of a tenant's responses, kept for an hour unless Redis is nearly full: the AI SDK names them in its next request in place of sending them. */
export interface ResponseItems {
  keep(caller: Caller, items: ResponseOutputItem[]): Promise<void>;
  find(caller: Caller, id: string): Promise<ResponseInputItem | null>;
}

const KEPT_MS = 3_600_000;

export function createResponseItems(
  redis: Redis | Cluster,
  namespace: string,
  hasRoom: () => Promise<boolean>,
): ResponseItems {
  const keyOf = ({ tenant, user }: Caller, id: string) => `${namespace}:items:${tenant}:${user}:${id}`;
  return {
    async keep(caller, items) {
      if (!(await hasRoom())) return;
      await Promise.all(
        items.map((item) => redis.set(keyOf(caller, item.id), JSON.stringify(item), 'PX', KEPT_MS)),
      );
    },
    async find(caller, id) {
      const text = await redis.get(keyOf(caller, id));
      return text === null ? null : ResponseInputItem.parse(JSON.parse(text));
    },
  };
}
