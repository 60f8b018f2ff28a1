/**
 * What an application is started with: `node --import @signalbox/agent/register app.js`. The one module that does
 * something by being imported.
 */
import { workerData } from 'node:worker_threads';
import type * as agent from './agent.js';
import { isSenderData } from './export/messages.js';
import { newestBuild } from './newest-build.js';

if (!isSenderData(workerData)) {
  const { startAgent }: typeof agent = await import(newestBuild(import.meta.url));
  await startAgent();
}
