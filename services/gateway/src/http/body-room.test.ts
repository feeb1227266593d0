import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { expect, it } from 'vitest';
import { bodyRoom } from './body-room.ts';

it('what is still inflated for a caller who left takes no room', () => {
  const begin = bodyRoom(100);
  const left = new EventEmitter();
  const take = begin(left as ServerResponse, 'u');
  take(60);
  left.emit('close');
  take(60);
  expect(() => begin(new EventEmitter() as ServerResponse, 'u')(100)).not.toThrow();
});
