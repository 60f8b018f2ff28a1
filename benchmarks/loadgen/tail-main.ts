import { join } from 'node:path';
import { filelog } from '@signalbox/collector/receivers/filelog/index';
import { detachedPlace } from '@signalbox/collector/config/place';
import { createIntake } from '@signalbox/collector/intake/intake';
import { systemClock } from '@signalbox/collector/telemetry/clock';
import { createLogger } from '@signalbox/collector/telemetry/logger';
import { createMetrics } from '@signalbox/collector/telemetry/metrics';
import { Journal } from '@signalbox/journal/journal';

/** A filelog receiver before a journal, as the role `receive` has them, and nothing else: so that what is measured is theirs. */
const [dataDir, pattern, settings = '{"parse":"json"}'] = process.argv.slice(2) as [string, string, string?];
const journal = await Journal.open({ dir: join(dataDir, 'journal') });
const clock = systemClock();
const metrics = createMetrics();
const intake = createIntake({ journal, clock, metrics });
const config = filelog.parseConfig({ include: [pattern], start_at: 'beginning', ...(JSON.parse(settings) as Record<string, string>) }, detachedPlace('benchmark'));
const receiver = filelog.create(config, { id: 'filelog', logger: createLogger({ level: 'warn' }), clock, metrics, dataDir, journalId: journal.id, intake, mounts: { post: () => undefined }, auth: { write: () => ({ tenant: 'default' }) }, signals: ['logs'] });
await receiver.start();
process.stdout.write('ready\n');
process.on('SIGTERM', () => {
  void receiver.shutdown().then(() => journal.close()).then(() => {
    process.stdout.write(metrics.expose());
    process.exitCode = 0;
  });
});
