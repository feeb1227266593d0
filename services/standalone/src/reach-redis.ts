import { connectRedis, type Logger, redactText, StartupError } from '@planyard/runtime';

/** Asks the Redis that REDIS_URL names whether it is there. Throws StartupError; warns where it may evict keys. */
export async function reachRedis(
  url: string,
  deps: { progress: (text: string) => void; log: Logger },
): Promise<void> {
  const redis = connectRedis({ url, role: 'producer', name: 'standalone', log: deps.log });
  try {
    const info = await redis.info('memory');
    const policy = /maxmemory_policy:(\S+)/.exec(info)?.[1];
    if (policy && policy !== 'noeviction')
      deps.progress(
        `the Redis of REDIS_URL has maxmemory-policy ${policy}: set it to noeviction, or runs may be lost`,
      );
  } catch (error) {
    throw new StartupError(
      `REDIS_URL names a Redis that does not answer (${redactText(url)}${refusal(error)}). Start it, correct REDIS_URL, or leave it out for the embedded one.`,
      { cause: error },
    );
  } finally {
    redis.disconnect();
  }
}

/** What Redis said, such as a wrong password; that it said nothing needs no words. */
function refusal(error: unknown): string {
  const message = messageOf(error);
  return message.includes('max retries') ? '' : `: ${message}`;
}

/** An AggregateError, as from a host with several addresses, has its words in its parts. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join(', ');
  return error instanceof Error ? error.message : String(error);
}
