import type { Dispatcher } from 'undici';

export interface WholeReply {
  statusCode: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

/** Makes a request whose reply is taken whole, past the streams of undici's `request`, which cost as much again. Rejects with undici's error. */
export function wholeReply(
  dispatch: Dispatcher.Dispatch,
  options: Dispatcher.DispatchOptions,
): Promise<WholeReply> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let statusCode = 0;
    let headers: WholeReply['headers'] = {};
    dispatch(options, {
      onResponseStart(_controller, status, fields) {
        statusCode = status;
        headers = fields;
      },
      onResponseData(_controller, chunk) {
        chunks.push(chunk);
      },
      onResponseEnd() {
        resolve({
          statusCode,
          headers,
          body: chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks),
        });
      },
      onResponseError(_controller, error) {
        reject(error);
      },
    });
  });
}
