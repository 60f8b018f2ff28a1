import { join } from 'node:path';
import { detachedPlace } from '@signalbox/collector/config/place';
import { createIntake } from '@signalbox/collector/intake/intake';
import { prometheus } from '@signalbox/collector/receivers/prometheus/index';
import { systemClock } from '@signalbox/collector/telemetry/clock';
import { createLogger } from '@signalbox/collector/telemetry/logger';
import { createMetrics } from '@signalbox/collector/telemetry/metrics';
import { Journal } from '@signalbox/journal/journal';

/** A prometheus receiver before a journal, as the role `receive` has them, and nothing else. */
const [dataDir, port, targets] = process.argv.slice(2) as [string, string, string];
const journal = await Journal.open({ dir: join(dataDir, 'journal') });
const clock = systemClock();
const metrics = createMetrics();
const intake = createIntake({ journal, clock, metrics }).from('prometheus');
const scrape_configs = Array.from({ length: Number(targets) }, (_, i) => ({ job_name: `job-${i}`, metrics_path: `/${i}`, static_configs: [{ targets: [`127.0.0.1:${port}`] }] }));
const config = prometheus.parseConfig({ config: { scrape_configs } }, detachedPlace('benchmark'));
const receiver = prometheus.create(config, { id: 'prometheus', logger: createLogger({ level: 'warn' }), clock, metrics, dataDir, journalId: journal.id, intake, mounts: { post: () => undefined }, auth: { write: () => ({ tenant: 'default' }) }, signals: ['metrics'] });
await receiver.start();
process.stdout.write('ready\n');
process.on('SIGTERM', () => {
  const durations = receiver.targets().activeTargets.map(({ lastScrapeDuration }) => lastScrapeDuration).sort((a, b) => a - b);
  const down = receiver.targets().activeTargets.filter(({ health }) => health !== 'up').length;
  void receiver.shutdown().then(() => journal.close()).then(() => {
    process.stdout.write(`${JSON.stringify({ p99: durations[Math.floor(durations.length * 0.99)], down })}\n`);
    process.exitCode = 0;
  });
});
