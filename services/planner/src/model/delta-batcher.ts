/** Sends text in batches, in order, so that a fast model does not cost one write for each token. */
export interface DeltaBatcher {
  push(text: string): void;
  /** Sends the rest; throws what a send threw. */
  flush(): Promise<void>;
}

export function createDeltaBatcher(send: (text: string) => Promise<void>, everyMs: number): DeltaBatcher {
  let waiting = '';
  let timer: NodeJS.Timeout | null = null;
  let sending: Promise<void> = Promise.resolve();
  let failed: { error: unknown } | null = null;

  function sendWaiting(): void {
    if (timer) clearTimeout(timer);
    timer = null;
    const text = waiting;
    waiting = '';
    if (text === '') return;
    sending = sending
      .then(() => (failed ? undefined : send(text)))
      .catch((error: unknown) => {
        failed ??= { error };
      });
  }

  return {
    push(text) {
      waiting += text;
      timer ??= setTimeout(sendWaiting, everyMs);
    },
    async flush() {
      sendWaiting();
      await sending;
      if (failed) throw failed.error;
    },
  };
}
