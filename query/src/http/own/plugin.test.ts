import assert from 'node:assert/strict';
import type { FastifyInstance } from 'fastify';
import { logsFromJson } from '@signalbox/signals/otlp/json/logs';
import { FAILED_TRACE } from '../../memory/example.js';
import { serveExample } from '../serve-example.js';
import { ownQueryApi } from './plugin.js';

describe('our own query API', () => {
  let app: FastifyInstance;
  before(async () => { ({ app } = await serveExample(ownQueryApi)); });
  after(() => app.close());

  it('answers the log records of a trace by time', async () => {
    const data = logsFromJson((await app.inject({ url: `/traces/${FAILED_TRACE.toUpperCase()}/logs` })).json());
    assert.deepEqual(data.resourceLogs.map(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords.map(({ body }) => body))), [
      ['charging card 4111', 'card declined: no "credit"'], ['order failed'],
    ]);
    assert.deepEqual((await app.inject({ url: '/traces/dead/logs' })).json(), { resourceLogs: [] });
  });

  it('says what is wrong with an id', async () => {
    const response = await app.inject({ url: '/traces/xyz/logs' });
    assert.equal(response.statusCode, 400);
    assert.equal(response.json<{ error: { code: string } }>().error.code, 'SBX_QUERY_BAD_REQUEST');
  });
});
