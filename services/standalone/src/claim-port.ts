import { createServer } from 'node:net';
import { StartupError } from '@planyard/runtime';

/** Fails early and clearly where the port cannot be had; the gateway binds it later. Throws StartupError. */
export async function claimPort(port: number, host: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => {
      const next = port < 65_535 ? port + 1 : 7420;
      if (error.code === 'EADDRINUSE')
        reject(new StartupError(`Port ${port} is taken. Choose another: npm start -- --port ${next}`));
      else if (error.code === 'EACCES')
        reject(new StartupError(`Port ${port} needs privileges. Choose another: npm start -- --port 7420`));
      else reject(error);
    });
    probe.listen(port, host, () => probe.close(() => resolve()));
  });
}
