import { createServer } from 'node:http';
import { Pool } from 'undici';

/* What a pass-through costs that does nothing else: `node bare.ts PORT UPSTREAM_PORT`. */

const [port, upstream] = process.argv.slice(2).map(Number);
const pool = new Pool(`http://127.0.0.1:${upstream}`, { headersTimeout: 0, bodyTimeout: 0 });

createServer(async (req, res) => {
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    const headers = { 'content-type': 'application/json', authorization: 'Bearer bench' };
    const reply = await pool.request({
      path: req.url ?? '/',
      method: 'POST',
      headers,
      body: Buffer.concat(chunks),
    });
    const { 'content-type': type, 'content-length': length } = reply.headers as Record<string, string>;
    res.writeHead(reply.statusCode, {
      'content-type': type,
      ...(length ? { 'content-length': length } : {}),
    });
    reply.body.pipe(res);
  } catch {
    res.destroy();
  }
}).listen(port, '127.0.0.1', () => process.send?.('ready'));
