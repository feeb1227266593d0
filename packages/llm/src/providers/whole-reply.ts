import type { Dispatcher } from 'undici';

export interface WholeReply {
  statusCode: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

/** Makes a request whose reply is taken whole, past the streams of undici's `request`, which cost as much again. Rejects with the signal's reason, or undici's error. */
export function wholeReply(
  dispatcher: Dispatcher,
  options: Dispatcher.DispatchOptions,
  signal: AbortSignal,
): Promise<WholeReply> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let statusCode = 0;
    let headers: WholeReply['headers'] = {};
    let request: Dispatcher.DispatchController | null = null;
    // A connection that is still being made hears nothing: who leaves then does not wait for it.
    const stop = () => {
      request?.abort(signal.reason as Error);
      reject(signal.reason);
    };
    const end = () => signal.removeEventListener('abort', stop);
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop);
    dispatcher.dispatch(options, {
      onRequestStart(controller) {
        request = controller;
        if (signal.aborted) stop();
      },
      onResponseStart(_controller, status, fields) {
        statusCode = status;
        headers = fields;
      },
      onResponseData(_controller, chunk) {
        chunks.push(chunk);
      },
      onResponseEnd() {
        end();
        resolve({
          statusCode,
          headers,
          body: chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks),
        });
      },
      onResponseError(_controller, error) {
        end();
        reject(error);
      },
    });
  });
}
