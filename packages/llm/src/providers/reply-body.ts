import { ModelError } from '../model-error.ts';

/** How long the end of a body is awaited once its reader has all it wants, in milliseconds. */
const LINGER_MS = 100;

/**
 * The body of a reply with two differences. Over `maxBytes`, counted after decompression, it errs with `bad_reply`. And its
 * connection can be used again by the next request: a reader that stops at a stream's terminator (`[DONE]`) would close it,
 * since the end of the body comes a moment later. A body that goes on is closed.
 */
export function replyBody(
  body: ReadableStream<Uint8Array>,
  provider: string,
  maxBytes: number,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let bytes = 0;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done) {
        controller.close();
        return;
      }
      bytes += value.length;
      if (bytes > maxBytes) {
        await reader.cancel();
        throw tooLarge(provider);
      }
      controller.enqueue(value);
    },
    cancel(reason) {
      const close = () => reader.cancel(reason).catch(ignore);
      const timer = setTimeout(close, LINGER_MS);
      reader
        .read()
        .then(({ done }) => (done ? undefined : close()))
        .catch(ignore)
        .finally(() => clearTimeout(timer));
    },
  });
}

export function tooLarge(provider: string): ModelError {
  return new ModelError('bad_reply', `${provider} sent a reply over the size limit`, { retryable: false });
}

/** Nobody reads this body any more: how it ends concerns nobody. */
function ignore(): void {}
