/** How long the end of a body is awaited once its reader has all it wants, in milliseconds. */
const LINGER_MS = 100;

/** The same body, whose connection can be used again by the next request: a reader that stops at a stream's terminator (`[DONE]`) would close it, since the end of the body comes a moment later. A body that goes on is closed. */
export function lingering(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
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

/** Nobody reads this body any more: how it ends concerns nobody. */
function ignore(): void {}
