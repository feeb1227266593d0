import { type Client, createClient, PlanyardError } from '@planyard/sdk';
import { allPages } from '../all-pages.ts';
import { type Env, readSettings } from '../config-env.ts';
import type { Finding } from './finding.ts';

/** Whether the gateway answers, has what it depends on, and takes our key. */
export async function checkGateway(env: Env, cwd: string): Promise<Finding[]> {
  const { url, urlSource, key, keySource } = readSettings(env, cwd);
  const client = createClient({ baseUrl: url, apiKey: key ?? '' });
  const ready = await client.ready().catch((error: Error) => error);
  if (ready instanceof Error)
    return [
      {
        name: 'Gateway',
        state: 'bad',
        detail: `${url} (${urlSource}): ${ready.message}`,
        fix: 'Start it with `npm start`, or set PLANYARD_URL to where it runs.',
      },
    ];
  const lacking = ready.checks.filter(({ ok }) => !ok);
  const down = lacking.filter(({ detail }) => detail === undefined).map(({ name }) => name);
  const stale = lacking.find(({ name }) => name === 'sources');
  // It tells anybody how many there are; which and why is for those who may see them.
  if (stale) stale.detail = (await staleSources(client)) || stale.detail;
  // What it serves without is told with the reason.
  const notes = lacking.flatMap(({ name, detail }): Finding[] =>
    detail === undefined
      ? []
      : [
          {
            name: `Gateway: ${name}`,
            state: 'note',
            detail,
            fix: `See docs/${name === 'sources' ? 'catalogs' : 'models'}.md.`,
          },
        ],
  );
  const gateway: Finding =
    down.length === 0
      ? { name: 'Gateway', state: 'ok', detail: url }
      : {
          name: 'Gateway',
          state: 'bad',
          detail: `${url} does without ${down.join(' and ')}`,
          fix: `Start ${down.join(' and ')}, and look into the gateway's log.`,
        };
  return [gateway, ...notes, await checkKey(client, key, keySource)];
}

/** Of those that our key may see. */
async function staleSources(client: Client): Promise<string> {
  const { sources } = await client.catalog.list({ limit: 1 }).catch(() => ({ sources: [] }));
  return sources.flatMap(({ source, fault }) => (fault === null ? [] : [`${source}: ${fault}`])).join('; ');
}

async function checkKey(client: Client, key: string | null, keySource: string): Promise<Finding> {
  const name = 'API key';
  if (key === null)
    return { name, state: 'bad', detail: 'none', fix: `Set PLANYARD_API_KEY, or run where ${keySource} is.` };
  try {
    const { data } = await allPages((query) => client.tools.list(query));
    if (data.length > 0) return { name, state: 'ok', detail: `${keySource}; ${data.length} tools on offer` };
    return {
      name: 'Tools',
      state: 'bad',
      detail: 'no live worker offers one',
      fix: 'Start a tool worker: `npm start` has one, `npm run services` too.',
    };
  } catch (error) {
    const code = error instanceof PlanyardError ? error.code : 'internal';
    return {
      name,
      state: 'bad',
      detail: `${keySource}: ${(error as Error).message}`,
      fix:
        code === 'unauthorized'
          ? 'Use a key of this installation: `npm start` prints one.'
          : 'See the message; `planyard doctor` again when that is mended.',
    };
  }
}
