import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@elastic/elasticsearch';
import { startElasticsearch } from '../servers/elasticsearch/start.js';
import { eventually } from '../integrations/eventually.js';
import { requireServer } from '../servers/require-server.js';
import { startAppliance } from '../harness/appliance.js';
import { LOAD_SERVICE, SPANS_PER_TRACE, startAcknowledgedLoad } from './acknowledged-load.js';
import { rolePid } from './roles.js';

const KILLS = 50;
const ROLES = ['receive', 'deliver', 'serve'] as const;
const CLIENTS = 4;

interface LedgerAnswer {
  readonly balanced: boolean;
  readonly rows: readonly { readonly reader: string; readonly signal: string; readonly queued: number; readonly dropped: Record<string, number>; readonly balanced: boolean }[];
}

describe('roles killed by SIGKILL under load', () => {
  it(`finds every acknowledged item once in the store and in Elasticsearch after ${KILLS} kills`, async function () {
    requireServer(this, 'elasticsearch');
    this.timeout(600_000);
    const elasticsearch = await startElasticsearch();
    const appliance = await startAppliance({
      rest: () => `exporters: { store: {}, elasticsearch: { endpoints: ["${elasticsearch.url}"], retry_on_failure: { initial_interval: 100ms, max_interval: 1s } } }
service: { pipelines: { traces: { receivers: [otlp], exporters: [store, elasticsearch] }, logs: { receivers: [otlp], exporters: [store, elasticsearch] } } }
`,
      env: { SIGNALBOX_STORE_FLUSH_AGE: '2s' },
    });
    try {
      const load = startAcknowledgedLoad(appliance.http, CLIENTS);
      let acknowledgedBefore = 0;
      for (let done = 0; done < KILLS;) {
        await sleep(100 + Math.random() * 1000);
        const role = ROLES[done % ROLES.length]!;
        const pid = rolePid(appliance.pid, role);
        // Under load: something must have been acknowledged since the receivers were killed before.
        if (pid === null || (role === 'receive' && load.traces.length - acknowledgedBefore < 20)) continue;
        if (role === 'receive') acknowledgedBefore = load.traces.length;
        process.kill(pid, 'SIGKILL');
        done++;
      }
      const acknowledged = load.traces.length;
      await eventually(async () => assert.ok(await Promise.resolve(load.traces.length > acknowledged), 'nothing is acknowledged after the last kill'));
      await load.stop();
      assert.ok(load.traces.length > 300, `too little was acknowledged to prove anything: ${load.traces.length}`);

      const ledger = await untilDelivered(appliance.url);
      assert.deepEqual(ledger.rows.filter((r) => !r.balanced || Object.keys(r.dropped).length > 0), [], 'every account balances and nothing was dropped');
      await checkStore(appliance.url, load.traces, load.logs);
      await checkElasticsearch(elasticsearch.url, load.traces, load.logs);
    } finally {
      await appliance.stop();
      await elasticsearch.stop();
    }
  });
});

async function untilDelivered(url: string): Promise<LedgerAnswer> {
  return eventually(async () => {
    const answer = (await (await fetch(`${url}/api/v1/ledger`)).json()) as LedgerAnswer;
    assert.ok(answer.rows.length >= 4 && answer.rows.every((r) => r.queued === 0), `not delivered: ${JSON.stringify(answer)}`);
    return answer;
  }, 240_000);
}

async function checkStore(url: string, traces: readonly string[], logs: readonly string[]): Promise<void> {
  const wrong: string[] = [];
  for (const id of traces) {
    const response = await fetch(`${url}/jaeger/api/traces/${id}`);
    const spans = response.ok ? ((await response.json()) as { data: { spans: { spanID: string }[] }[] }).data[0]!.spans : [];
    if (spans.length !== SPANS_PER_TRACE || new Set(spans.map((s) => s.spanID)).size !== SPANS_PER_TRACE) wrong.push(`${id}: ${spans.length} spans`);
  }
  for (const id of logs) {
    const answer = await (await fetch(`${url}/api/v1/traces/${id}/logs`)).text();
    const found = answer.split(`line of ${id}`).length - 1;
    if (found !== 1) wrong.push(`${id}: ${found} lines`);
  }
  assert.deepEqual(wrong, [], `of ${traces.length} traces and ${logs.length} lines in the store`);
}

async function checkElasticsearch(url: string, traces: readonly string[], logs: readonly string[]): Promise<void> {
  const client = new Client({ node: url });
  await client.indices.refresh({ index: 'traces-*,logs-*' });
  const spans = await idsIn(client, 'traces-*');
  const lines = await idsIn(client, 'logs-*');
  const wrong = [
    ...traces.filter((id) => spans.get(id) !== SPANS_PER_TRACE).map((id) => `${id}: ${spans.get(id)} spans`),
    ...logs.filter((id) => lines.get(id) !== 1).map((id) => `${id}: ${lines.get(id)} lines`),
  ];
  await client.close();
  assert.deepEqual(wrong, [], `of ${traces.length} traces and ${logs.length} lines in Elasticsearch`);
}

/** How many documents each trace id has. */
async function idsIn(client: Client, index: string): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  const pit = await client.openPointInTime({ index, keep_alive: '1m' });
  let after: unknown[] | undefined;
  for (;;) {
    const page = await client.search<{ trace_id: string }>({
      size: 5000, pit: { id: pit.id, keep_alive: '1m' }, sort: [{ _shard_doc: 'asc' }], _source: ['trace_id'], query: { term: { 'resource.attributes.service.name': LOAD_SERVICE } }, ...(after ? { search_after: after as (string | number)[] } : {}),
    });
    for (const hit of page.hits.hits) counts.set(hit._source!.trace_id, (counts.get(hit._source!.trace_id) ?? 0) + 1);
    if (page.hits.hits.length < 5000) break;
    after = page.hits.hits.at(-1)!.sort;
  }
  await client.closePointInTime({ id: pit.id });
  return counts;
}
