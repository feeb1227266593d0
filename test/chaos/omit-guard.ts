/*
 * Preloaded into the services to show that chaos notices when a guard is missing: `epoch` leaves out the checks that
 * refuse a stale writer, `lease` takes every holder for dead, `reconciler` repairs nothing. Only the scripts change,
 * as they are read; nothing in the services knows of it.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { omittedGuard } from './env.ts';

const REPAIRS = [
  'recover-leases.lua',
  'recover-due.lua',
  'expire-deadline.lua',
  'expire-approvals.lua',
  'sweep-run.lua',
];

const omitted = omittedGuard();
const read = fs.readFileSync;

function omitting(name: string, text: string): string {
  if (omitted === 'reconciler') return REPAIRS.includes(name) ? "return reply('off', { '0', '0' })" : text;
  return text
    .split('\n')
    .filter((line) => !line.endsWith(`-- guard:${omitted}`))
    .join('\n');
}

fs.readFileSync = ((...args: Parameters<typeof read>) => {
  const content = read(...args);
  const path = args[0] instanceof URL ? fileURLToPath(args[0]) : String(args[0]);
  return path.endsWith('.lua') && typeof content === 'string' ? omitting(basename(path), content) : content;
}) as typeof read;
syncBuiltinESMExports();
