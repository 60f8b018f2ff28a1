/** Run by tests: decides and delivers from a journal, appending over a local socket, until it is killed. */
import { loadConfig } from '../../config/load.js';
import { startDelivery } from '../../delivery/runner.js';
import { AppendClient } from '../../derive/append-client.js';
import { builtinRegistry } from '../../registry.js';
import { systemClock } from '../../telemetry/clock.js';
import { createLogger } from '../../telemetry/logger.js';
import { createMetrics } from '../../telemetry/metrics.js';

const [dir, socketPath, text] = process.argv.slice(2) as [string, string, string];
const registry = builtinRegistry();
const logger = createLogger({ level: 'error' });
const append = new AppendClient({ socketPath, logger, retryMs: 10 }).append;
const config = loadConfig({ text, file: '(test)', env: {}, registry, sections: {} });
await startDelivery({ config, registry, journalDir: dir, dataDir: dir, logger, clock: systemClock(), metrics: createMetrics(), append, flushEveryMs: 20 });
process.stdout.write('running\n');
