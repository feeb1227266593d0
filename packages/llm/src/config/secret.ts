import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { z } from 'zod';

/** Where a secret is kept: an environment variable or a file, relative to the configuration's directory. Never the secret itself. */
export const SecretRef = z.union(
  [z.strictObject({ env: z.string().min(1) }), z.strictObject({ file: z.string().min(1) })],
  { error: 'name where it is kept: {env: NAME} or {file: path}; it is never written here' },
);
export type SecretRef = z.infer<typeof SecretRef>;

export interface SecretSources {
  env: Readonly<Record<string, string | undefined>>;
  /** The directory that relative paths start from. */
  directory: string;
}

/** Reads a secret. Throws an Error that names where it should be. */
export async function readSecret(ref: SecretRef, { env, directory }: SecretSources): Promise<string> {
  if ('env' in ref) {
    const secret = env[ref.env]?.trim();
    if (!secret) throw new Error(`the environment variable ${ref.env} is not set`);
    return secret;
  }
  const path = resolve(directory, ref.file);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Error(`the file ${path} cannot be read (${error.code})`);
  });
  if (text.trim() === '') throw new Error(`the file ${path} is empty`);
  return text.trim();
}
