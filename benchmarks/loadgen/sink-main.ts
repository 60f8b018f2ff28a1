import { detachedPlace } from '@signalbox/collector/config/place';
import { createIntake } from '@signalbox/collector/intake/intake';
import { otlp } from '@signalbox/collector/receivers/otlp/index';
import { systemClock } from '@signalbox/collector/telemetry/clock';
import { createLogger } from '@signalbox/collector/telemetry/logger';
import { createMetrics } from '@signalbox/collector/telemetry/metrics';

/** An OTLP receiver that takes everything and keeps nothing: a collector that is never the slow one. Prints where it listens, then, when asked to end, how many items came. */
const items = { traces: 0, logs: 0, metrics: 0 };
const clock = systemClock();
const metrics = createMetrics();
const journal = {
  append: async (frame: { readonly signal: keyof typeof items; readonly items: number }) => {
    items[frame.signal] += frame.items;
    return { position: 0, duplicate: false };
  },
};
const config = otlp.parseConfig({ protocols: { grpc: { endpoint: '127.0.0.1:0' } } }, detachedPlace('benchmark'));
const receiver = otlp.create(config, {
  id: 'otlp', logger: createLogger({ level: 'warn' }), clock, metrics, dataDir: '', journalId: '', intake: createIntake({ journal, clock, metrics }), mounts: { post: () => undefined },
  auth: { write: () => ({ tenant: 'default' }) }, signals: ['traces', 'logs', 'metrics'],
});
await receiver.start();
process.stdout.write(`http://${receiver.endpoints().find(({ protocol }) => protocol === 'otlp/grpc')?.address ?? ''}\n`);
process.on('SIGTERM', () => {
  void receiver.shutdown().then(() => process.stdout.write(`${JSON.stringify(items)}\n`));
});
