import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ImportQuery, ImportReport, PlanyardError, Problem } from '@planyard/contracts';
import { catalog } from '@planyard/store';
import { z } from 'zod';
import { userSubject } from '../auth/rate-limit.ts';
import type { GatewayDeps } from '../deps.ts';
import { atOnce } from '../http/at-once.ts';
import { problemOf } from '../http/problem-reply.ts';
import type { Reply } from '../http/reply.ts';
import { defineRoute, type Route } from '../http/route.ts';
import { importFiles } from '../imports/import-files.ts';
import { type ReceivedFile, receiveFiles } from '../imports/receive-files.ts';

const maxFiles = 10_000;

const Upload = z.object({
  files: z
    .array(z.string().meta({ format: 'binary' }))
    .meta({ description: 'Files named .yaml, .yml, .csv, .json, .ndjson or .jsonl; 1 GiB together' }),
});

/** Of a user, in each gateway: each may hold a gigabyte of the disk. */
const MOST_AT_ONCE = 4;

export function importRoutes(deps: GatewayDeps): Route[] {
  const begin = atOnce(MOST_AT_ONCE, 'imports');
  return [
    defineRoute({
      method: 'post',
      path: '/v1/imports',
      id: 'importFiles',
      summary: 'Load an inventory: Backstage catalogs, CSV or JSON of items, relations, metrics, events',
      tag: 'Imports',
      access: 'admin',
      query: ImportQuery,
      stream: { type: 'multipart/form-data', schema: Upload },
      replies: {
        200: { description: 'Every file was loaded', schema: ImportReport },
        422: {
          description: 'Files with faults were not loaded, the others were: problem details with the report',
          also: { 'application/problem+json': Problem.extend(ImportReport.shape) },
        },
      },
      errors: ['request_timeout', 'payload_too_large', 'unsupported_media_type'],
      timeoutMs: null,
      async handle({ req, res, query, principal, log, requestId, once }) {
        const end = begin(userSubject(principal));
        // Tells a client that waits for headers that we are at it (RFC 2518, 102).
        const alive = setInterval(() => res.writeProcessing(), 15_000);
        let dir: string | undefined;
        try {
          dir = await mkdtemp(join(tmpdir(), 'planyard-import-'));
          const { importMaxBytes: bytes, bodyTimeoutMs: pauseMs } = deps.settings;
          const limits = { bytes, files: maxFiles, pauseMs };
          const files = await receiveFiles(req, dir, limits);
          return await once(
            () => files.flatMap(({ name, digest }) => [name, digest]),
            () => load(files),
          );
        } finally {
          clearInterval(alive);
          if (dir) await rm(dir, { recursive: true, force: true }).finally(end);
          else end();
        }

        async function load(files: ReceivedFile[]): Promise<Reply> {
          const report = await importFiles(deps, principal.tenant, files, query);
          const faulty = report.files.filter(({ errors }) => errors.length > 0);
          log.info({ files: report.files.length, faulty: faulty.length }, 'import');
          await publishCatalog(deps, principal.tenant).catch((error) =>
            log.warn({ err: error }, 'the catalog is not published yet; a tool worker will'),
          );
          if (faulty.length === 0) return { body: report };
          const error = new PlanyardError('import_failed', sentenceOf(report), {
            errors: faulty.flatMap(({ errors }) => errors).slice(0, 100),
          });
          return {
            status: error.status,
            headers: { 'Content-Type': 'application/problem+json' },
            body: { ...problemOf(error, requestId, req.path), ...report },
          };
        }
      },
    }),
  ];
}

/** Until a tool worker renews it. */
const catalogLeaseMs = 60_000;

/** Questions asked right after an import are about what it loaded. */
async function publishCatalog({ db, engine }: GatewayDeps, tenant: string): Promise<void> {
  const loaded = await catalog(db, tenant);
  if (loaded) await engine.publishCatalog(tenant, loaded, catalogLeaseMs);
}

function sentenceOf({ files }: ImportReport): string {
  const faulty = files.filter(({ errors }) => errors.length > 0).length;
  return `${faulty} of ${files.length} ${files.length === 1 ? 'file' : 'files'} ${faulty === 1 ? 'was' : 'were'} not loaded`;
}
