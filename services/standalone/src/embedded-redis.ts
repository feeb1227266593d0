import { randomBytes } from 'node:crypto';
import { findRedisServer, type Logger, type RedisServerSource, startRedisServer } from '@planyard/runtime';

export interface EmbeddedRedis {
  url: string;
  source: RedisServerSource;
  close(): Promise<void>;
}

const firstRestartMs = 100;
const maxRestartMs = 5_000;

/** Runs a redis-server of our own on loopback behind a password, and starts it again on the same port when it dies. */
export async function startEmbeddedRedis(deps: {
  dir: string;
  cacheDir: string;
  progress: (text: string) => void;
  log: Logger;
}): Promise<EmbeddedRedis> {
  const source = await findRedisServer(deps);
  const password = randomBytes(16).toString('hex');
  const start = (port?: number) => startRedisServer({ source, dir: deps.dir, password, port });

  let server = await start();
  const { port, url } = server;
  let closing = false;

  const keepRunning = async () => {
    let wait = firstRestartMs;
    while (!closing) {
      await server.exited;
      if (closing) return;
      deps.log.error({ wait_ms: wait }, 'the embedded Redis ended: starting it again');
      await new Promise((resolve) => setTimeout(resolve, wait));
      try {
        server = await start(port);
        wait = firstRestartMs;
      } catch (error) {
        deps.log.error({ err: error }, 'the embedded Redis did not start');
        wait = Math.min(wait * 2, maxRestartMs);
      }
    }
  };
  void keepRunning();

  return {
    url,
    source,
    close: async () => {
      closing = true;
      await server.close();
    },
  };
}
