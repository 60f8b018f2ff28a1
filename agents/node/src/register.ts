/**
 * What an application is started with: `node --import @signalbox/agent/register app.js`. The one module that does
 * something by being imported.
 */
import { workerData } from 'node:worker_threads';
import { isSenderData } from './export/messages.js';

if (!isSenderData(workerData)) {
  const { startAgent } = await import('./agent.js');
  await startAgent();
}
