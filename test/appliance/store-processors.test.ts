import assert from 'node:assert/strict';
import { encodeTraces } from '@signalbox/signals/otlp/protobuf/traces';
import { makeMarked } from 'signalbox/verify/marked';
import { signalbox, startAppliance } from '../harness/appliance.js';
import { freePort } from '../servers/free-port.js';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Ledger {
  readonly rows: readonly { readonly reader: string; readonly accepted: number; readonly dropped: Readonly<Record<string, number>>; readonly queued: number; readonly balanced: boolean }[];
}

describe('processors in front of the embedded store', function () {
  this.timeout(180_000);

  it('change and drop what the store keeps, and the ledger says what went and why', async () => {
    const appliance = await startAppliance({
      rest: () => `processors:
  attributes: { actions: [{ key: region, value: north, action: upsert }] }
  filter: { error_mode: ignore, traces: { span: ['attributes["drop"] == "me"'] } }
exporters: { store: {} }
service: { pipelines: { traces: { receivers: [otlp], processors: [attributes, filter], exporters: [store] } } }
`,
    });
    try {
      const send = async (change: (marked: ReturnType<typeof makeMarked>['traces']) => ReturnType<typeof makeMarked>['traces']): Promise<string> => {
        const marked = makeMarked(BigInt(Date.now()) * 1_000_000n);
        const body = encodeTraces(change(marked.traces));
        assert.equal((await fetch(`${appliance.http}/v1/traces`, { method: 'POST', headers: { 'content-type': 'application/x-protobuf' }, body: body as Uint8Array<ArrayBuffer> })).status, 200);
        return marked.traceId;
      };
      const kept = await send((traces) => traces);
      const gone = await send(({ resourceSpans }) => ({
        resourceSpans: resourceSpans.map((r) => ({ ...r, scopeSpans: r.scopeSpans.map((s) => ({ ...s, spans: s.spans.map((span) => ({ ...span, attributes: [...span.attributes, { key: 'drop', value: 'me' }] })) })) })),
      }));
      const trace = await fetch(`${appliance.url}/jaeger/api/traces/${kept}`);
      assert.equal(trace.status, 200);
      assert.match(await trace.text(), /"key":"region","type":"string","value":"north"/);
      assert.equal((await fetch(`${appliance.url}/jaeger/api/traces/${gone}`)).status, 404);
      await appliance.stop({ keep: true });
      const { rows } = JSON.parse((await signalbox(['ledger', '--json', '--data', appliance.dataDir])).stdout) as Ledger;
      const row = rows.find(({ reader }) => reader === 'store')!;
      assert.deepEqual([row.balanced, row.queued, row.dropped], [true, 0, { filtered: row.accepted / 2 }]);
    } finally {
      await appliance.stop();
    }
  });

  it('are refused where what a receiver brings would be kept twice', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'signalbox-twice-'));
    try {
      const file = join(folder, 'twice.yaml');
      writeFileSync(file, `receivers: { otlp: { protocols: { http: { endpoint: "127.0.0.1:${await freePort()}" } } } }
exporters: { store: {} }
service: { pipelines: { traces: { receivers: [otlp], exporters: [store] }, traces/again: { receivers: [otlp], exporters: [store] } } }
`);
      const { code, stderr } = await signalbox(['start', '--check', '--config', file, '--data', folder]);
      assert.equal(code, 1);
      assert.match(stderr, /'traces' and 'traces\/again'.*'store'/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
