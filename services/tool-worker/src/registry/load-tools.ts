import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { PlanyardError } from '@planyard/contracts';
import { manifestOf } from './tool-manifest.ts';
import type { Tools, WorkerTool } from './worker-tool.ts';

const OWN_TOOLS = new URL('../tools/', import.meta.url);

/**
 * Every tool under `<type>/<operation>.ts`, by name: a file there that exports `tool` is all it takes to add one.
 * Hyphens in a file name are underscores in the operation. Throws `invalid_config` that names the file for anything else.
 */
export async function loadTools(directory: URL = OWN_TOOLS): Promise<Tools> {
  const tools = new Map<string, WorkerTool>();
  for (const file of await toolFiles(directory)) {
    const tool = await loadTool(directory, file);
    if (tools.has(tool.manifest.name)) throw broken(file, `there is a ${tool.manifest.name} already`);
    tools.set(tool.manifest.name, tool);
  }
  return tools;
}

async function toolFiles(directory: URL): Promise<string[]> {
  const files = await readdir(directory, { recursive: true });
  return files
    .filter((file) => /^[^/]+\/[^/]+\.[cm]?[jt]s$/.test(file) && !/\.test\.|\.d\./.test(file))
    .sort();
}

async function loadTool(directory: URL, file: string): Promise<WorkerTool> {
  try {
    const module = (await import(new URL(file, directory).href)) as { tool?: WorkerTool['definition'] };
    if (typeof module.tool?.execute !== 'function')
      throw broken(file, 'it exports no `tool` made by defineTool');
    const expected = file
      .replace(/\.[cm]?[jt]s$/, '')
      .replace('/', '.')
      .replaceAll('-', '_');
    if (module.tool.name !== expected)
      throw broken(file, `its tool is named "${module.tool.name}", by its place it should be "${expected}"`);
    const manifest = manifestOf(module.tool);
    return { definition: module.tool, manifest, version: digest(JSON.stringify(manifest)) };
  } catch (error) {
    throw error instanceof PlanyardError ? error : broken(file, 'it cannot be loaded', error);
  }
}

function broken(file: string, why: string, cause?: unknown): PlanyardError {
  const detail = cause instanceof Error ? `: ${cause.message}` : '';
  return new PlanyardError('invalid_config', `Tool file ${file}: ${why}${detail}`, { cause });
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
