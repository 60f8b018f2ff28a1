import { strict as assert } from 'node:assert';
import type { Client } from '@elastic/elasticsearch';
import { logsToJson } from '@signalbox/signals/otlp/json/logs';
import { signalbox, startAppliance, type RunningAppliance } from '../../harness/appliance.js';
import { startElasticsearch } from '../../servers/elasticsearch/start.js';
import { requireOwnServer } from '../../servers/require-server.js';
import type { RunningServer } from '../../servers/server-process.js';
import { eventually, secondsAgoNs } from '../eventually.js';
import { clientOf } from './client.js';

interface Letter {
  readonly id: string;
  readonly exporter: string;
  readonly items: readonly { readonly reason: string }[];
}
interface Row {
  readonly reader: string;
  readonly delivered: number;
  readonly queued: number;
  readonly dropped: Readonly<Record<string, number>>;
  readonly balanced: boolean;
}

const INDEX = 'orders';

describe('integration: what Elasticsearch refuses → dead letters → again', function () {
  this.timeout(300_000);
  let server: RunningServer;
  let client: Client;
  let appliance: RunningAppliance;

  before(async function () {
    requireOwnServer(this, 'elasticsearch');
    server = await startElasticsearch();
    client = clientOf(server.url);
    await map('long');
    appliance = await startAppliance({
      rest: () => `exporters: { elasticsearch: { endpoint: "${server.url}", logs_index: ${INDEX}, batch: { max_wait: 50ms } } }
service: { pipelines: { logs: { receivers: [otlp], exporters: [elasticsearch] } } }
`,
    });
  });
  after(async () => {
    await appliance?.stop();
    await client?.close();
    await server?.stop();
  });

  const map = (type: 'long' | 'keyword') => client.indices.create({ index: INDEX, mappings: { properties: { attributes: { properties: { number: { type } } } } } });

  async function send(numbers: readonly string[]): Promise<void> {
    const logRecords = numbers.map((number, i) => ({ timeNs: secondsAgoNs(10), observedTimeNs: 0n, severityNumber: 9, severityText: '', body: `order ${i}`, attributes: [{ key: 'number', value: number }], droppedAttributesCount: 0, flags: 0, traceId: '', spanId: '', eventName: '' }));
    const body = JSON.stringify(logsToJson({ resourceLogs: [{ resource: null, schemaUrl: '', scopeLogs: [{ scope: null, schemaUrl: '', logRecords }] }] }));
    const response = await fetch(`${appliance.http}/v1/logs`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    assert.equal(response.status, 200);
  }
  const letters = async (): Promise<readonly Letter[]> => JSON.parse((await signalbox(['dead-letters', 'list', '--json', '--data', appliance.dataDir])).stdout) as readonly Letter[];
  async function row(): Promise<Row> {
    const { rows } = (await (await fetch(`${appliance.url}/api/v1/ledger`)).json()) as { rows: readonly Row[] };
    const found = rows.find(({ reader }) => reader === 'logs→elasticsearch');
    assert.ok(found?.queued === 0 && found.balanced, JSON.stringify(rows));
    return found;
  }

  it('keeps the item with its reason, delivers the others, and delivers it when it is replayed to a mended index', async () => {
    await send(['1', 'two', '3']);
    await eventually(async () => assert.equal((await row()).delivered, 2), 60_000);
    assert.deepEqual((await row()).dropped, { dead_lettered_document_parsing_exception: 1 });
    const [letter, ...more] = await letters();
    assert.deepEqual(more, []);
    assert.equal(letter?.exporter, 'elasticsearch');
    assert.equal(letter.items.length, 1);
    assert.match(letter.items[0]?.reason ?? '', /^document_parsing_exception: .*failed to parse field \[attributes\.number\] of type \[long\]/);

    await client.indices.delete({ index: INDEX });
    await map('keyword');
    const replayed = await signalbox(['dead-letters', 'replay', '--all', '--exporter', 'elasticsearch', '--data', appliance.dataDir, '--url', appliance.url]);
    assert.equal(replayed.code, 0, replayed.stderr);
    await eventually(async () => assert.equal((await row()).delivered, 3), 60_000);
    assert.deepEqual(await letters(), []);
    await client.indices.refresh({ index: INDEX });
    const { hits } = await client.search<{ attributes: { number: string } }>({ index: INDEX });
    assert.deepEqual(hits.hits.map(({ _source }) => _source?.attributes.number), ['two']);
  });
});
