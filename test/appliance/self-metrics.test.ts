import assert from 'node:assert/strict';
import { encodeTraces } from '@signalbox/signals/otlp/protobuf/traces';
import { makeMarked } from 'signalbox/verify/marked';
import { startAppliance, type RunningAppliance } from '../harness/appliance.js';
import { eventually } from '../integrations/eventually.js';

describe('the self-metrics of the appliance', function () {
  this.timeout(240_000);
  let appliance: RunningAppliance;
  before(async () => { appliance = await startAppliance({ env: { SIGNALBOX_STORE_FLUSH_AGE: '1s' } }); });
  after(() => appliance?.stop());

  /** By name and labels, as they stand there. */
  async function exposed(): Promise<{ readonly values: ReadonlyMap<string, number>; readonly types: ReadonlyMap<string, string> }> {
    const lines = (await (await fetch(`${appliance.url}/metrics`)).text()).trimEnd().split('\n');
    return {
      values: new Map(lines.filter((line) => !line.startsWith('#')).map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))])),
      types: new Map(lines.filter((line) => line.startsWith('# TYPE ')).map((line) => [line.split(' ')[2]!, line.split(' ')[3]!])),
    };
  }

  it('count what the journal takes, what the store writes, and what is asked', async () => {
    const answered = async (api: string): Promise<number> => (await exposed()).values.get(`signalbox_query_seconds_count{api="${api}",outcome="answered"}`) ?? 0;
    const before = { jaeger: await answered('jaeger'), prometheus: await answered('prometheus') };
    const { traces } = makeMarked(BigInt(Date.now()) * 1_000_000n);
    const sent = await fetch(`${appliance.http}/v1/traces`, { method: 'POST', headers: { 'content-type': 'application/x-protobuf' }, body: new Uint8Array(encodeTraces(traces)) });
    assert.equal(sent.status, 200);
    assert.equal((await fetch(`${appliance.url}/jaeger/api/services`)).status, 200);
    assert.equal((await fetch(`${appliance.url}/prometheus/api/v1/query?query=up`)).status, 200);
    // The roles tell what they count once a second.
    const { values, types } = await eventually(async () => {
      const now = await exposed();
      for (const name of ['signalbox_store_flushed_rows_total{kind="spans"}', 'signalbox_store_rows{kind="spans"}', 'signalbox_journal_appended_frames_total']) assert.ok(now.values.get(name)! > 0, name);
      return now;
    });
    assert.equal(values.get('signalbox_store_rows{kind="spans"}'), values.get('signalbox_store_flushed_rows_total{kind="spans"}'));
    for (const name of ['signalbox_store_bytes{kind="spans"}', 'signalbox_store_files{kind="spans"}', 'signalbox_store_flushes_total', 'signalbox_store_flush_seconds_total', 'signalbox_journal_appended_items_total', 'signalbox_journal_appended_bytes_total', 'signalbox_journal_syncs_total']) {
      assert.ok(values.get(name)! > 0, name);
    }
    for (const api of ['jaeger', 'prometheus'] as const) assert.equal(await answered(api), before[api] + 1, api);
    assert.equal(values.get('signalbox_queries_running'), 0);
    for (const [name, type] of types) assert.equal(name.endsWith('_total'), type === 'counter', `${name} is a ${type}`);
  });
});
