import { parseArgs } from 'node:util';
import { runLoad } from './run-load.js';
import type { LoadSignal } from './run-load.js';

/** `tsx benchmarks/loadgen/main.ts --target http://127.0.0.1:4317 --items 1000000`: prints one line of JSON. */
const { values } = parseArgs({
  options: {
    signal: { type: 'string', default: 'traces' }, target: { type: 'string', default: 'http://127.0.0.1:4317' }, items: { type: 'string', default: '100000' },
    rate: { type: 'string', default: '0' }, 'per-request': { type: 'string', default: '500' }, senders: { type: 'string', default: '16' }, connections: { type: 'string', default: '4' },
    services: { type: 'string', default: '10' }, 'max-seconds': { type: 'string', default: '60' }, help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stdout.write('OTLP/gRPC load: --signal traces|logs|metrics --target URL --items N --rate N (0: flat out) --per-request N --senders N --connections N --services N --max-seconds N\n');
} else {
  const host = new URL(values.target).hostname;
  if (host !== '127.0.0.1' && host !== 'localhost' && host !== '[::1]') throw new Error('the load goes to this machine only');
  const result = await runLoad({
    signal: values.signal as LoadSignal, target: values.target, items: Number(values.items), rate: Number(values.rate), perRequest: Number(values['per-request']),
    senders: Number(values.senders), connections: Number(values.connections), services: Number(values.services), maxSeconds: Number(values['max-seconds']),
  });
  process.stdout.write(JSON.stringify(result) + '\n');
}
