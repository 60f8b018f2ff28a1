// Loaded into a role by NODE_OPTIONS: writes each second's longest stall of its event loop to $EVENT_LOOP_PROBE.<role>, a line each: Unix milliseconds, milliseconds.
import { appendFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const file = process.env.EVENT_LOOP_PROBE;
const role = process.argv[2];
if (file && (role === 'serve' || role === 'receive')) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  setInterval(() => {
    appendFileSync(`${file}.${role}`, `${Date.now()} ${delay.max / 1e6}\n`);
    delay.reset();
  }, 1000).unref();
}
