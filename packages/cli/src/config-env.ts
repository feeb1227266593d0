import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export type Env = Readonly<Record<string, string | undefined>>;

/** The environment of this process. */
export function processEnv(): Env {
  return process.env;
}

export interface Settings {
  url: string;
  /** Where the URL comes from, for messages. */
  urlSource: string;
  key: string | null;
  keySource: string;
}

const defaultUrl = 'http://127.0.0.1:7420';

/** PLANYARD_URL and PLANYARD_API_KEY, else what `npm start` left in `.planyard`, looked for from `cwd` upwards. */
export function readSettings(env: Env, cwd: string): Settings {
  const data = dataDir(cwd);
  const running = data && addressIn(join(data, 'running.json'));
  const file = data && join(data, 'api-key');
  const kept = file && existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  return {
    ...(env.PLANYARD_URL
      ? { url: env.PLANYARD_URL, urlSource: 'PLANYARD_URL' }
      : running
        ? { url: running, urlSource: join(data ?? '', 'running.json') }
        : { url: defaultUrl, urlSource: 'the default' }),
    ...(env.PLANYARD_API_KEY
      ? { key: env.PLANYARD_API_KEY, keySource: 'PLANYARD_API_KEY' }
      : { key: kept || null, keySource: file || join(cwd, '.planyard', 'api-key') }),
  };
}

function dataDir(cwd: string): string | undefined {
  for (let dir = cwd; ; dir = dirname(dir)) {
    const candidate = join(dir, '.planyard');
    if (existsSync(candidate)) return candidate;
    if (dir === dirname(dir)) return undefined;
  }
}

function addressIn(file: string): string | undefined {
  try {
    const { address } = JSON.parse(readFileSync(file, 'utf8')) as { address?: unknown };
    return typeof address === 'string' && /^https?:\/\//.test(address) ? address : undefined;
  } catch {
    return undefined;
  }
}
