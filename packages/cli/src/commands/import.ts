import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import type { ImportOptions, UploadFile } from '@planyard/sdk';
import { type Command, Option } from 'commander';
import { CliError } from '../cli-error.ts';
import { createStyle } from '../output/style.ts';
import { bytes, printable } from '../output/text.ts';
import type { Session } from '../session.ts';
import type { Output, Shell } from '../shell.ts';

const tableFile = /\.(csv|json|ndjson|jsonl)$/i;
const catalogFile = /^catalog-info\.ya?ml$/i;
const kinds = [
  'items',
  'relations',
  'metrics',
  'events',
  'backstage',
] as const satisfies ImportOptions['kind'][];
const skipped = new Set(['node_modules', '.git', '.planyard']);

/** `planyard import`. */
export function addImport(program: Command, { add, session }: Shell): void {
  add(program, 'import', 'load an inventory: Backstage catalogs, CSV or JSON tables; needs an admin key')
    .argument('<path...>', 'files or directories')
    .addOption(new Option('--kind <kind>', 'what they hold, where the columns do not tell').choices(kinds))
    .option(
      '--replace',
      'remove entities of earlier Backstage catalogs that these do not hold: name all of them',
    )
    .action((paths: string[], options: Output & Pick<ImportOptions, 'kind' | 'replace'>) =>
      importPaths(session(options), paths, options),
    );
}

/** Uploads files, and of directories what they hold: `catalog-info.yaml`, CSV and JSON tables. Fails when any was not loaded. */
async function importPaths(
  { client, io, format }: Session,
  paths: string[],
  { kind, replace }: Pick<ImportOptions, 'kind' | 'replace'>,
): Promise<void> {
  const files = (await Promise.all(paths.map((path) => filesOf(resolve(io.cwd, path), path, io)))).flat();
  if (files.length === 0)
    throw new CliError(
      `There is nothing to import in ${paths.join(', ')}: catalog-info.yaml, .csv, .json, .ndjson.`,
    );
  const progress = uploadProgress(io, files);
  const left = new AbortController();
  const stopListening = io.onInterrupt(() => left.abort(new CliError('The import was broken off.', 130)));
  const report = await client.imports
    .create(files, {
      signal: left.signal,
      onProgress: progress.sent,
      ...(kind ? { kind } : {}),
      ...(replace ? { replace } : {}),
    })
    .finally(() => {
      stopListening();
      progress.close();
    });

  if (format === 'json') io.out(`${JSON.stringify(report, null, 2)}\n`);
  else {
    const style = createStyle(io.color);
    for (const { file, loaded, errors } of report.files) {
      const counts = Object.entries(loaded).filter(([, count]) => count > 0);
      const what = counts
        .map(([name, count]) => `${count} ${count === 1 ? name.slice(0, -1) : name}`)
        .join(', ');
      if (errors.length === 0) io.out(`${file}: ${what || 'nothing new'}\n`);
      else io.err(`${style.red('not loaded')} ${file}\n`);
      for (const { path, message } of errors) io.err(`  ${printable(path)}: ${printable(message)}\n`);
    }
    if (report.items_removed > 0)
      io.err(
        `${report.items_removed} ${report.items_removed === 1 ? 'item' : 'items'} that these catalogs do not hold any more ${report.items_removed === 1 ? 'was' : 'were'} removed.\n`,
      );
    if (replace && !report.files.some((file) => file.kind === 'backstage'))
      io.err('Nothing was removed: --replace is for catalog-info.yaml files, and none is among these.\n');
    if (report.sample_removed) io.err('The sample inventory has made room for yours.\n');
  }
  const faulty = report.files.filter(({ errors }) => errors.length > 0).length;
  const total = report.files.length;
  if (faulty > 0)
    throw new CliError(
      `${faulty} of ${total} ${total === 1 ? 'file' : 'files'} ${faulty === 1 ? 'was' : 'were'} not loaded.`,
    );
}

/** A directory with Backstage catalogs is a tree of sources: nothing else in it is meant. In any other, every table is. */
async function filesOf(path: string, given: string, io: Session['io']): Promise<UploadFile[]> {
  const info = await stat(path).catch(() => {
    throw new CliError(`There is no file or directory ${given}.`, 2);
  });
  if (info.isFile()) return [fileOf(path, basename(path), info.size)];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const inside = entries
    .filter((entry) => entry.isFile())
    .map((entry) => ({ name: entry.name, file: join(entry.parentPath, entry.name) }))
    .filter(
      ({ file }) =>
        !relative(path, file)
          .split(/[/\\]/)
          .some((part) => skipped.has(part)),
    );
  const catalogs = inside.filter(({ name }) => catalogFile.test(name));
  const tables = inside.filter(({ name }) => tableFile.test(name));
  if (catalogs.length > 0 && tables.length > 0)
    io.err(
      `${printable(given)} holds catalog-info.yaml, so its CSV and JSON files (${tables.length}) are left out. Name those you want loaded.\n`,
    );
  const found = (catalogs.length > 0 ? catalogs : tables).map(({ file }) => file).sort();
  return Promise.all(found.map(async (file) => fileOf(file, relative(path, file), (await stat(file)).size)));
}

function fileOf(path: string, name: string, size: number): UploadFile {
  return { name, size, open: () => createReadStream(path) };
}

/** A line on stderr while the upload and the load take their time. */
function uploadProgress(io: Session['io'], files: UploadFile[]) {
  const total = files.reduce((sum, { size }) => sum + size, 0);
  let sent = 0;
  const startedAt = io.now();
  const draw = () => {
    const state = sent < total ? `sending ${bytes(sent)} of ${bytes(total)}` : `loading ${bytes(total)}`;
    const seconds = Math.round((io.now() - startedAt) / 1000);
    io.err(io.errIsTty ? `\r\u001b[K${state} (${seconds} s)` : `${state} (${seconds} s)\n`);
  };
  const timer = setInterval(draw, io.errIsTty ? 200 : 5_000);
  return {
    sent: (count: number) => {
      sent = count;
    },
    close: () => {
      clearInterval(timer);
      if (io.errIsTty) io.err('\r\u001b[K');
    },
  };
}
