// Loaded into a role by NODE_OPTIONS: writes each second's longest stalls of its event loop to $EVENT_LOOP_PROBE.<role>, a line each:
// Unix milliseconds, the longest stall, and the longest of its own making (less the time that the thread waited for a core), in milliseconds.
import { appendFileSync, readFileSync } from 'node:fs';

const EVERY_MS = 5;
const file = process.env.EVENT_LOOP_PROBE;
const role = process.argv[2];
if (file && (role === 'serve' || role === 'receive')) {
  /** Nanoseconds that the main thread was ready to run and had no core. */
  const waitedNs = () => Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[1]);
  let longest = 0;
  let longestOwn = 0;
  let last = performance.now();
  let lastWaited = waitedNs();
  setInterval(() => {
    const now = performance.now();
    const waited = waitedNs();
    const stall = now - last - EVERY_MS;
    longest = Math.max(longest, stall);
    longestOwn = Math.max(longestOwn, stall - (waited - lastWaited) / 1e6);
    last = now;
    lastWaited = waited;
  }, EVERY_MS).unref();
  setInterval(() => {
    appendFileSync(`${file}.${role}`, `${Date.now()} ${longest} ${longestOwn}\n`);
    longest = longestOwn = 0;
  }, 1000).unref();
}
