import { resolve } from 'node:path';
import type { ModelsConfig } from './models-config.ts';
import { SecretRef } from './secret.ts';

/** The files that a configuration's secrets lie in; relative ones start from `directory`. */
export function secretFiles({ providers }: Pick<ModelsConfig, 'providers'>, directory: string): string[] {
  const refs = Object.values(providers).flatMap((provider) => {
    const fields = 'credentials' in provider ? { ...provider, ...provider.credentials } : provider;
    return Object.values(fields).flatMap((value) => SecretRef.safeParse(value).data ?? []);
  });
  return [...new Set(refs.flatMap((ref) => ('file' in ref ? [resolve(directory, ref.file)] : [])))];
}
