import { connect, createServer, type Socket } from 'node:net';

/** A way to a server that can be cut and mended, or fall silent with the connections left open: whole, or in what the server says. */
export interface Way {
  /** The server's URL with the way's address in it. */
  url: string;
  silence(): void;
  loseReplies(): void;
  cut(): void;
  /** Opens it again at the same address. */
  mend(): Promise<void>;
}

export async function openWay(serverUrl: string): Promise<Way> {
  const target = new URL(serverUrl);
  const sockets = new Set<Socket>();
  let silent = false;
  let deaf = false;
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('data', (chunk) => silent || (deaf && from === far) || to.write(chunk));
      from.on('error', () => {});
      from.on('close', () => to.destroy());
    }
  });
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const address = server.address();
  const port = typeof address === 'object' && address ? String(address.port) : '';
  return {
    url: Object.assign(new URL(serverUrl), { port, hostname: '127.0.0.1' }).toString(),
    silence: () => {
      silent = true;
    },
    loseReplies: () => {
      deaf = true;
    },
    cut: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      sockets.clear();
    },
    async mend() {
      silent = false;
      deaf = false;
      await listen(Number(port));
    },
  };
}
