import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { deflateSync, gzipSync } from 'node:zlib';
import { detachedPlace } from '../../../config/place.js';
import { elasticsearchSchema } from '../config.js';
import { parseSection } from '../../../config/section.js';
import { AllCreated } from './all-created.js';
import { ElasticClient, failureOf } from './client.js';

const created = (count: number): string => `{"errors":false,"items":[${'{"create":{"status":201}},'.repeat(count - 1)}{"create":{"status":201}}]}`;

describe('exporters/elasticsearch/decompressing', () => {
  /** What the client makes of an answer. */
  async function answered(body: Buffer, encoding: string, status = 200): Promise<unknown> {
    const server = createServer((request, response) => {
      request.resume().on('end', () => {
        response.writeHead(status, { 'content-type': 'application/vnd.elasticsearch+json;compatible-with=8', 'x-elastic-product': 'Elasticsearch', ...(encoding === '' ? {} : { 'content-encoding': encoding }) });
        response.end(body);
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const client = new ElasticClient(parseSection(elasticsearchSchema, { endpoint: url }, detachedPlace('test')), () => performance.now(), {});
    try {
      return await (await client.get()).transport.request({ method: 'POST', path: '/_bulk', bulkBody: '{}\n' });
    } finally {
      await client.close();
      server.close();
      server.closeAllConnections();
    }
  }

  it('reads answers compressed in any way that it asked for, small and large', async () => {
    for (const count of [1, 8192, 170_000]) {
      const json = created(count);
      for (const [body, encoding] of [[gzipSync(json), 'gzip'], [deflateSync(json), 'deflate'], [Buffer.from(json), '']] as const) {
        const answer = await answered(body, encoding);
        assert.ok(answer instanceof AllCreated, `${count} ${encoding}`);
        assert.equal(answer.count, count);
      }
    }
  });

  it('reads what an answer that is no success says', async () => {
    await assert.rejects(answered(gzipSync('{"error":{"type":"circuit_breaking_exception","reason":"too much"},"status":429}'), 'gzip', 429), (error) => {
      assert.deepEqual(failureOf(error), { kind: 'retry', cause: { reason: 'HTTP 429: circuit_breaking_exception: too much' } });
      return true;
    });
  });

  it('has an answer that cannot be decompressed refused by the transport', async () => {
    for (const body of [Buffer.from('no gzip'), gzipSync(created(1000)).subarray(0, 60)]) await assert.rejects(answered(body, 'gzip'));
  });
});
