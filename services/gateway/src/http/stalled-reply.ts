import type { ServerResponse } from 'node:http';

/** Ends the connection of a client that has taken nothing of its reply for so long. One that waits for a reply, or follows events and has taken all, is left alone. */
export function endStalled(res: ServerResponse, ms: number): void {
  // Also called where nothing was there to be taken. A slow client's progress puts it off.
  res.setTimeout(ms, () => {
    const { socket } = res;
    if (socket && socket.writableLength > 0) socket.destroy();
  });
}
