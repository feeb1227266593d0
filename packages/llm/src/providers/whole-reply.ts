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
    let stop: (() => void) | null = null;
    const end = () => {
      if (stop) signal.removeEventListener('abort', stop);
    };
    dispatcher.dispatch(options, {
      onRequestStart(controller) {
        stop = () => controller.abort(signal.reason as Error);
        if (signal.aborted) stop();
        else signal.addEventListener('abort', stop);
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
