import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { PlanyardError } from '@planyard/contracts';
import busboy from 'busboy';
import type { Request } from 'express';
import { slowBody } from '../http/slow-body.ts';

/** A file of an upload, on disk. */
export interface ReceivedFile {
  /** As the client named it: for reports only, never a path here. */
  name: string;
  path: string;
  /** SHA-256 of what it holds. */
  digest: Buffer;
}

export interface ReceiveLimits {
  /** Of all files together. */
  bytes: number;
  files: number;
  /** Longest pause between two pieces. */
  pauseMs: number;
}

/** Writes the files of a multipart body to `dir` as they stream in. Throws `payload_too_large`, `unsupported_media_type`, `request_timeout`, `invalid_request`. */
export async function receiveFiles(
  req: Request,
  dir: string,
  limits: ReceiveLimits,
): Promise<ReceivedFile[]> {
  if (!req.is('multipart/form-data'))
    throw new PlanyardError('unsupported_media_type', 'Send the files as multipart/form-data');
  if (Number(req.headers['content-length'] ?? 0) > limits.bytes + 1024 * 1024) throw tooLarge(limits);
  const parser = openParser(req, limits);
  const files: ReceivedFile[] = [];
  const writing: Promise<void>[] = [];
  let bytes = 0;
  const failed = new Promise<never>((_resolve, reject) => {
    const fail = (error: unknown) => {
      clearTimeout(pause);
      req.unpipe(parser);
      reject(error);
    };
    const pause = setTimeout(() => fail(slowBody()), limits.pauseMs);
    req.on('data', () => pause.refresh()).once('end', () => clearTimeout(pause));
    parser.on('file', (_field, stream, { filename }) => {
      const name = shownName(filename, files.length);
      const file = { name, path: join(dir, String(files.length)), digest: Buffer.alloc(0) };
      files.push(file);
      const hash = createHash('sha256');
      const counted = new Transform({
        transform(chunk: Buffer, _encoding, done) {
          bytes += chunk.length;
          hash.update(chunk);
          done(bytes > limits.bytes ? tooLarge(limits) : null, chunk);
        },
        flush(done) {
          file.digest = hash.digest();
          done();
        },
      });
      const written = pipeline(stream, counted, createWriteStream(file.path, { flags: 'wx', mode: 0o600 }));
      written.catch(fail);
      writing.push(written);
    });
    parser.on('filesLimit', () =>
      fail(new PlanyardError('payload_too_large', `At most ${limits.files} files`)),
    );
    parser.on('error', (cause) =>
      fail(new PlanyardError('invalid_request', 'The multipart body is broken', { cause })),
    );
    req.once('aborted', () => fail(new PlanyardError('invalid_request', 'The upload was broken off')));
  });
  const read = new Promise<void>((resolve) => parser.once('close', resolve));
  req.pipe(parser);
  await Promise.race([read.then(() => Promise.all(writing)), failed]);
  // Nobody may be left to reject it.
  failed.catch(() => {});
  if (files.length === 0) throw new PlanyardError('invalid_request', 'The upload has no file');
  return files;
}

function openParser(req: Request, limits: ReceiveLimits): busboy.Busboy {
  try {
    return busboy({
      headers: req.headers,
      preservePath: true,
      limits: { files: limits.files, fields: 20, fieldSize: 1024, headerPairs: 50 },
    });
  } catch (cause) {
    throw new PlanyardError('invalid_request', 'The multipart body is broken', { cause });
  }
}

function tooLarge({ bytes }: ReceiveLimits): PlanyardError {
  return new PlanyardError('payload_too_large', `An upload may have ${Math.round(bytes / 1024 / 1024)} MiB`);
}

function shownName(filename: string | undefined, index: number): string {
  const clean = (filename ?? '').replace(/[\p{Cc}\p{Cf}]/gu, '').slice(0, 300);
  return clean === '' ? `file-${index + 1}` : clean;
}
