import { setFlagsFromString } from 'node:v8';
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';

// The whole of the embedded Postgres: in the main thread a long query would block the event loop and leases expire.

const { dataDir, socketPath } = workerData as { dataDir: string; socketPath: string };

/*
 * Postgres' 128 MB are zeroes that PGlite writes at each start: half of the CPU it takes to open, and that much memory.
 * What is not in these lies in the system's own cache: a look through 65 MB takes 60 ms where it took 45.
 */
const sharedBuffers = ['-c', 'shared_buffers=16MB'];

/*
 * V8 compiles a function of WebAssembly anew, and better, once it has run for so long. At a hundredth of this, its own
 * value, that is done in the middle of a start, for functions as large as a parser: two seconds of a core that nobody has
 * then, and small queries take twice as long meanwhile. What is run often is as quick as before, some queries later.
 */
setFlagsFromString('--wasm-tiering-budget=1300000000');

const db = await PGlite.create({
  dataDir,
  extensions: { vector },
  initDbStartParams: sharedBuffers,
  startParams: [...PGlite.defaultStartParams, ...sharedBuffers],
});
// All clients would share one session: a second one is refused.
const server = new PGLiteSocketServer({ db, path: socketPath, maxConnections: 1 });
await server.start();
parentPort?.postMessage('ready');

parentPort?.once('message', async () => {
  await server.stop();
  await db.close();
  process.exit(0);
});
