import { fastify } from 'fastify';
import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import { MemoryReaders } from '../memory/readers.js';
import { exampleLogs, exampleTraces } from '../memory/example.js';
import type { ApiOptions } from './options.js';

/** The start of the example data: 2026-01-02T03:04:05.000000789Z. */
export const EXAMPLE_START_NS = 1_767_323_045_000_000_789n;

/** One API over the example data, for tests: tenant `default`, or the one that `X-Scope-OrgID` names. Not listening. */
export async function serveExample(api: FastifyPluginAsync<ApiOptions>, options: Partial<ApiOptions> = {}, startNs = EXAMPLE_START_NS): Promise<{ app: FastifyInstance; readers: MemoryReaders }> {
  const readers = new MemoryReaders();
  readers.spans.add('default', exampleTraces(startNs));
  readers.logs.add('default', exampleLogs(startNs));
  const app = fastify({ routerOptions: { maxParamLength: 1024 } });
  await app.register(api, {
    readers, fresh: () => Promise.resolve(),
    tenantOf: (request) => { const tenant = request.headers['x-scope-orgid']; return typeof tenant === 'string' ? tenant : 'default'; },
    ...options,
  });
  return { app, readers };
}
