import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import { encodeLogs } from '@signalbox/signals/otlp/protobuf/logs';
import type { Batch } from '../../../component.js';
import { detachedPlace } from '../../../config/place.js';
import { testContext } from '../../testing/context.js';
import { DocumentIds } from '../documents/document-id.js';
import { DocumentWriter } from '../documents/document.js';
import { logDocuments } from '../documents/log-documents.js';
import { WireLogs } from '../documents/wire-logs.js';
import { elasticsearch } from '../index.js';
import { Router } from '../streams/routing.js';
import { BulkBodies } from './body.js';
import { requestsOf } from './bulk.js';

const RECORDS = 3000;
const TIME_NS = 1_763_740_158_123_456_789n;

/** Documents of log records that are alike but for their numbers, some of them rare ones that are written in another way. */
function made() {
  const logRecords = Array.from({ length: RECORDS }, (_, i) => ({
    timeNs: TIME_NS + BigInt(i) * 700_001n, observedTimeNs: TIME_NS + BigInt(i - (i % 3)) * 700_001n, severityNumber: 9 + (i % 2) * 4, severityText: i % 2 === 0 ? 'INFO' : 'WARN',
    body: i % 50 === 0 ? `größer "${i}"` : `order ${i} was placed by customer ${i * 7919 % 1000} and is on its way`,
    attributes: [{ key: 'logger', value: 'shop' }, { key: 'order', value: BigInt(i) }, ...(i % 77 === 0 ? [{ key: 'logger', value: 'twice' }] : []), { key: 'tier', value: ['gold', 'free'][i % 2]! }],
    droppedAttributesCount: 0, flags: 1, traceId: (i * 2654435761).toString(16).padStart(32, '7'), spanId: (i * 40503).toString(16).padStart(16, '3'), eventName: '',
  }));
  const logs = { resourceLogs: [{ resource: { attributes: [{ key: 'service.name', value: 'checkout' }], droppedAttributesCount: 0 }, schemaUrl: '', scopeLogs: [{ scope: null, schemaUrl: '', logRecords }] }] };
  const batch: Batch = { tenant: 'default', signal: 'logs', items: RECORDS, parts: [{ position: 5000, receivedNs: TIME_NS, data: { signal: 'logs', logs }, items: RECORDS, ordinals: Uint32Array.from(logRecords.keys()), wire: encodeLogs(logs), wireItems: null }] };
  const writer = new DocumentWriter(64);
  logDocuments(batch, new Router(elasticsearch.parseConfig({ endpoint: 'http://localhost:9200' }, detachedPlace('test')), 'default'), new DocumentIds(testContext().journalId), 'otel', new WireLogs(), writer);
  return { documents: writer.all().documents, repeats: writer.out.repeats };
}

describe('exporters/elasticsearch/body', () => {
  const { documents, repeats } = made();
  const text = (some: Iterable<number>): string => [...some].map((n) => documents.body.toString('utf8', documents.start(n), documents.end(n))).join('');

  it('compresses whole batches, parts of them and documents with others between', async () => {
    const all = documents.all();
    assert.equal(all.length, RECORDS);
    const parts = [...requestsOf(documents, all, 100_000)];
    assert.ok(parts.length > 5);
    for (const level of [1, 2, 9]) {
      const bodies = new BulkBodies(level);
      for (const some of [all, ...parts, all.subarray(17, 18), all.filter((n) => n % 5 !== 0), all.filter((n) => n > 40 && n !== 2000)]) {
        const body = await bodies.of(documents, some, repeats);
        assert.ok(body.isGzip);
        assert.equal(gunzipSync(body.bytes).toString(), text(some));
        // The next one is written where this one was.
        bodies.giveBack(body);
      }
    }
  });

  it('makes of documents that are alike less than a sixth', async () => {
    const { bytes } = await new BulkBodies(1).of(documents, documents.all(), repeats);
    assert.ok(bytes.length < documents.body.length / 6, `${bytes.length} of ${documents.body.length}`);
  });

  it('leaves them as they are where nothing is to be compressed', async () => {
    const { bytes, isGzip } = await new BulkBodies(null).of(documents, documents.all(), repeats);
    assert.deepEqual([isGzip, bytes.toString()], [false, text(documents.all())]);
  });
});
