import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OpenAI } from 'openai';
import { expect, inject, it, onTestFinished } from 'vitest';
import { completionReply } from '../testing/completion-reply.ts';
import { openModelDoor } from '../testing/model-door.ts';

it('a secret that Kubernetes puts another version of is used from the next call on', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'planyard-'));
  const at = (name: string) => join(directory, name);
  for (const version of ['..1', '..2']) {
    await mkdir(at(version));
    await writeFile(join(at(version), 'key'), `sk-of${version}`);
  }
  await symlink('..1', at('..data'));
  await symlink('..data/key', at('key'));
  const PLANYARD_CONFIG = at('planyard.yaml');
  // The address of the upstream is known once it runs.
  await writeFile(PLANYARD_CONFIG, 'routes: {}');
  const door = await openModelDoor(inject('redisUrl'), { PLANYARD_CONFIG });
  onTestFinished(async () => {
    await door.close();
    await rm(directory, { recursive: true });
  });
  await writeFile(
    PLANYARD_CONFIG,
    `providers: { own: { kind: openai_compatible, base_url: "${door.upstream.url}", api_key: { file: key } } }`,
  );
  door.play(completionReply({ content: 'ok' }));
  const client = new OpenAI({ apiKey: door.apiKey, baseURL: door.baseURL, maxRetries: 0 });
  const keyOfNext = async () => {
    const messages = [{ role: 'user' as const, content: 'x' }];
    await client.chat.completions.create({ model: 'own/m', messages }).catch(() => undefined);
    return door.upstream.requests.at(-1)?.headers.authorization;
  };
  await expect.poll(keyOfNext).toBe('Bearer sk-of..1');
  await symlink('..2', at('..next'));
  await rename(at('..next'), at('..data'));
  await expect.poll(keyOfNext).toBe('Bearer sk-of..2');
});
