import { setFlagsFromString } from 'node:v8';

/**
 * Stops V8 from allocating objects among the old ones at places of the code whose objects have once lived long: in a process
 * that answers requests that is a warm-up's accident, and from then on each request leaves garbage that only a full
 * collection finds. And full collections come when the heap has grown by 40%, not by several times what lives: with little
 * garbage among the old objects they are rare all the same. For the whole process; see `docs/decisions/2026-11-25-garbage-stays-young.md`.
 */
export function keepGarbageYoung(): void {
  setFlagsFromString('--no-allocation-site-pretenuring');
  setFlagsFromString('--heap-growing-percent=40');
}
