import { connect, type Socket } from 'node:net';

/*
 * The load's half of HTTP/1.1 over plain sockets: an HTTP client would cost as much as the gateway that it measures, and on
 * the same machine.
 */

export interface Target {
  port: number;
  headers: Record<string, string>;
  model: string;
}

export interface Reply {
  /** Milliseconds to the first byte of the body, and to its last. */
  firstMs: number;
  ms: number;
}

/** One connection that asks one thing at a time. */
export class Wire {
  readonly #socket: Socket;
  readonly #request: Buffer;
  #text = '';
  #began = 0;
  #firstMs = 0;
  #settle: { resolve: (reply: Reply) => void; reject: (error: Error) => void } | null = null;

  constructor(socket: Socket, { headers, model }: Target, streaming: boolean) {
    this.#socket = socket;
    const body = JSON.stringify({
      model,
      messages: [
        { role: 'system', content: 'You answer questions about the systems of a hospital in one sentence.' },
        {
          role: 'user',
          content: 'Which systems depend on the database of the radiology department, and who owns them?',
        },
      ],
      temperature: 0.2,
      stream: streaming,
    });
    const lines = Object.entries({
      host: 'bench',
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
      ...headers,
    }).map(([name, value]) => `${name}: ${value}\r\n`);
    this.#request = Buffer.from(`POST /v1/chat/completions HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
    socket.on('data', (chunk) => this.#take(chunk.toString('latin1')));
    socket.on('close', () => this.#settle?.reject(new Error('the connection was closed')));
    socket.on('error', () => {});
  }

  static open(target: Target, streaming = false): Promise<Wire> {
    return new Promise((resolve, reject) => {
      const socket = connect(target.port, '127.0.0.1', () => resolve(new Wire(socket, target, streaming)));
      socket.setNoDelay(true);
      socket.once('error', reject);
    });
  }

  /** Rejects when the reply is not a 200. */
  ask(): Promise<Reply> {
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      this.#text = '';
      this.#firstMs = 0;
      this.#began = performance.now();
      this.#socket.write(this.#request);
    });
  }

  close(): void {
    this.#settle = null;
    this.#socket.destroy();
  }

  #take(text: string): void {
    this.#text += text;
    const head = this.#text.indexOf('\r\n\r\n');
    if (head < 0) return;
    const whole = /\r\ncontent-length: *(\d+)/i.exec(this.#text.slice(0, head))?.[1];
    if (this.#firstMs === 0 && this.#text.length > head + 4) this.#firstMs = performance.now() - this.#began;
    const ended =
      whole === undefined
        ? this.#text.endsWith('\r\n0\r\n\r\n')
        : this.#text.length >= head + 4 + Number(whole);
    if (!ended) return;
    const settle = this.#settle;
    this.#settle = null;
    const ms = performance.now() - this.#began;
    if (this.#text.startsWith('HTTP/1.1 200')) settle?.resolve({ firstMs: this.#firstMs, ms });
    else settle?.reject(new Error(this.#text.slice(0, 500)));
  }
}
