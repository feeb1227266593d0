import { randomUUID } from 'node:crypto';

/** A file to upload: read when its turn comes. */
export interface UploadFile {
  /** Its ending says what it is: .yaml, .yml, .csv, .json, .ndjson or .jsonl. */
  name: string;
  /** Bytes. */
  size: number;
  open(): AsyncIterable<Uint8Array>;
}

export interface Multipart {
  contentType: string;
  /** Of the whole body. */
  bytes: number;
  stream: ReadableStream;
}

/** A multipart body (RFC 7578) of files, one at a time in memory; `onSent` hears of the bytes of files handed over so far. */
export function multipartOf(files: UploadFile[], onSent: (bytes: number) => void): Multipart {
  const boundary = `planyard-${randomUUID()}`;
  const encoder = new TextEncoder();
  const parts = files.map((file) => ({
    file,
    head: encoder.encode(
      `--${boundary}\r\nContent-Disposition: form-data; name="files"; filename="${quoted(file.name)}"\r\nContent-Type: application/octet-stream\r\n\r\n`,
    ),
  }));
  const end = encoder.encode('\r\n');
  const tail = encoder.encode(`--${boundary}--\r\n`);

  async function* body(): AsyncGenerator<Uint8Array> {
    let sent = 0;
    for (const { file, head } of parts) {
      yield head;
      for await (const chunk of file.open()) {
        yield chunk;
        sent += chunk.byteLength;
        onSent(sent);
      }
      yield end;
    }
    yield tail;
  }
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    bytes:
      parts.reduce((sum, { file, head }) => sum + head.byteLength + file.size + end.byteLength, 0) +
      tail.byteLength,
    stream: ReadableStream.from(body()),
  };
}

/** As browsers write it (WHATWG HTML, multipart/form-data). */
function quoted(name: string): string {
  return name.replace(/\r/g, '%0D').replace(/\n/g, '%0A').replace(/"/g, '%22');
}
