import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type ModelServer, startModelServer } from '@planyard/llm/testing';

/** A model that a story scripts, and the settings by which the services of a house or a world ask it. */
export interface ScriptedModel extends ModelServer {
  env: Record<string, string>;
  /** Removes what was copied, too. */
  close(): Promise<void>;
}

/** Files of a story's own, by their paths, beside those of this repository's directory: the services get a copy with both. */
export interface OwnFiles {
  prompts?: Record<string, string>;
  compositions?: Record<string, string>;
}

export async function startScriptedModel(
  own: OwnFiles = {},
  rules?: Parameters<typeof startModelServer>[0],
): Promise<ScriptedModel> {
  const server = await startModelServer(rules);
  const copies = await mkdtemp(join(tmpdir(), 'planyard-story-'));
  const env: Record<string, string> = {
    OPENAI_BASE_URL: server.url,
    OPENAI_API_KEY: 'sk-test',
    PLANYARD_MODEL: 'openai/gpt-5-mini',
  };
  for (const name of ['prompts', 'compositions'] as const) {
    const files = own[name];
    if (!files) continue;
    const copy = join(copies, name);
    await cp(resolve(import.meta.dirname, '../..', name), copy, { recursive: true });
    for (const [path, text] of Object.entries(files)) await writeFile(join(copy, path), text);
    env[`PLANYARD_${name.toUpperCase()}`] = copy;
  }
  return {
    ...server,
    env,
    async close() {
      await server.close();
      await rm(copies, { recursive: true, force: true });
    },
  };
}
