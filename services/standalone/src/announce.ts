import type { RedisServerSource } from '@planyard/runtime';
import type { FirstKey } from './first-key.ts';
import type { Surroundings } from './surroundings.ts';

export interface Started {
  address: string;
  metrics: string;
  dataDir: string;
  logFile: string;
  key: FirstKey;
  /** Undefined where REDIS_URL named one. */
  redis?: RedisServerSource;
  embeddedPostgres: boolean;
  inventory: 'sample' | 'own' | 'empty';
  around: Surroundings;
  /** Assignments before a command that would not find this installation by itself; else empty. */
  commandEnv: string;
  seconds: number;
}

function redisText(source: RedisServerSource | undefined): string {
  if (!source) return 'REDIS_URL';
  if (source.kind === 'docker') return `embedded, Docker image ${source.image}`;
  return `embedded, redis-server ${source.version} from ${source.origin}`;
}

function modelText({ providers }: Surroundings): string {
  if (providers.length > 0) return providers.map(({ name, source }) => `${name} (${source})`).join(', ');
  return 'none found: planning by rules. Set OPENAI_API_KEY, ANTHROPIC_API_KEY, OPENROUTER_API_KEY or OPENAI_BASE_URL, or start Ollama';
}

const INVENTORY = {
  sample: 'the sample (made up); your own: npx planyard import DIRECTORY',
  own: 'yours',
  empty: 'empty: there is nothing to ask about yet',
};

const EXAMPLE = {
  sample: 'ask "What depends on orders-db and how loaded is it?"',
  own: 'ask "How many items are there by type?"',
  empty: 'import DIRECTORY',
};

/** What a newcomer needs to see once everything listens. */
export function announcement(started: Started): string {
  const { key, around } = started;
  const rows: Array<[string, string]> = [
    ['Address', `${started.address}   API docs: ${started.address}/docs   metrics: ${started.metrics}`],
    ['API key', key.key ? `${key.key}   (also in ${key.file})` : 'one of those this database already has'],
    ['Redis', redisText(started.redis)],
    ['Postgres', started.embeddedPostgres ? 'embedded, PGlite with pgvector' : 'DATABASE_URL'],
    ['Data', `${started.dataDir}   log: ${started.logFile}`],
    ['Inventory', INVENTORY[started.inventory]],
    ['Models', modelText(around)],
    ['Sandboxes', sandboxText(around)],
    ['Try', `${started.commandEnv}npx planyard ${EXAMPLE[started.inventory]}`],
  ];
  const lines = rows.map(([name, text]) => `  ${name.padEnd(11)}${text}`);
  return `\nPlanyard is ready (${started.seconds.toFixed(1)} s)\n\n${lines.join('\n')}\n\nCtrl-C finishes the work in hand and stops; a second Ctrl-C stops at once.\n`;
}

function sandboxText({ docker, bubblewrap }: Surroundings): string {
  const found = [bubblewrap && 'bubblewrap', docker && 'Docker'].filter(Boolean);
  return found.length > 0 ? found.join(', ') : 'none found (bubblewrap or Docker)';
}
