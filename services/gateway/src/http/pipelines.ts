import type { RequestListener } from 'node:http';
import type { Socket } from 'node:net';

/** Nobody whom we know of sends a request before the one before it is answered; who does sends two or three. */
const MOST = 16;

/**
 * Ends a connection on which more requests are under way than that. Node reads whatever lies in a packet at once, and a
 * packet holds 1,700 of them: for a second or more nobody else would be served.
 */
export function limitPipelines(app: RequestListener): RequestListener {
  const underWay = new WeakMap<Socket, number>();
  return (req, res) => {
    const { socket } = req;
    const requests = (underWay.get(socket) ?? 0) + 1;
    if (requests > MOST) socket.destroy();
    if (socket.destroyed) return;
    underWay.set(socket, requests);
    res.once('close', () => underWay.set(socket, (underWay.get(socket) ?? 1) - 1));
    app(req, res);
  };
}
