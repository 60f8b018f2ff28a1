import { Session } from 'node:inspector';

/** Behind the start, when what came with it is no longer used. */
const AFTER_MS = 500;
/** A role that already holds much works, and would stand still for it. */
const MAX_USED_BYTES = 128 * 2 ** 20;

/**
 * Gives back what the start took: V8 does not look at the code's left-overs again before its heap has become much bigger, and keeps the
 * young generation as large as loading needed it, tens of megabytes in each role. It grows again with work that needs it. The
 * inspector's way of collecting garbage is the one that gives memory back as well; no port is opened for it.
 */
export function trimHeapAfterStart(): void {
  setTimeout(() => {
    if (process.memoryUsage().heapUsed > MAX_USED_BYTES) return;
    const session = new Session();
    session.connect();
    // Not within the answer: a session cannot end there.
    session.post('HeapProfiler.collectGarbage', () => setImmediate(() => session.disconnect()));
  }, AFTER_MS).unref();
}
