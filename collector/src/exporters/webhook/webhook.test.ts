import { strict as assert } from 'node:assert';
import { createHmac } from 'node:crypto';
import { detachedPlace } from '../../config/place.js';
import { span, traces } from '../../receivers/otlp/fixture.test.js';
import { batchOf, testContext } from '../testing/context.js';
import { httpDestination } from '../testing/http-destination.js';
import { webhook } from './index.js';

describe('exporters/webhook', () => {
  it('posts a batch as JSON, signed over the body, under the same id each time', async () => {
    const destination = await httpDestination((_, number) => ({ status: number === 1 ? 503 : 202 }));
    const exporter = webhook.create(webhook.parseConfig({ endpoint: `${destination.url}/hook?x=1`, secret: 'key', headers: { 'X-Team': 'a' } }, detachedPlace('test')), testContext());
    const batch = batchOf('team', traces([span(1), span(2)]));
    assert.equal((await exporter.export(batch, AbortSignal.timeout(60_000))).kind, 'retryable');
    assert.deepEqual(await exporter.export(batch, AbortSignal.timeout(60_000)), { kind: 'settled', delivered: 2, duplicate: 0, retry: { items: [] }, rejected: [] });
    const [first, second] = destination.seen;
    assert.equal(first?.path, '/hook?x=1');
    assert.equal(first.headers['signalbox-signature'], `sha256=${createHmac('sha256', 'key').update(first.body).digest('hex')}`);
    assert.equal(first.headers['x-team'], 'a');
    assert.equal(first.headers['signalbox-batch-id'], second?.headers['signalbox-batch-id']);
    const body = JSON.parse(first.body.toString()) as { signal: string; tenant: string; batchId: string; data: { resourceSpans: { scopeSpans: { spans: { spanId: string }[] }[] }[] } };
    assert.deepEqual([body.signal, body.tenant, body.batchId], ['traces', 'team', first.headers['signalbox-batch-id']]);
    assert.deepEqual(body.data.resourceSpans.flatMap((r) => r.scopeSpans.flatMap((s) => s.spans.map(({ spanId }) => spanId))), [span(1).spanId, span(2).spanId]);
    await exporter.shutdown();
    await destination.close();
  });
});
