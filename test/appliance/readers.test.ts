import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeTraces } from '@signalbox/signals/otlp/protobuf/traces';
import { makeMarked } from 'signalbox/verify/marked';
import { signalbox, startAppliance } from '../harness/appliance.js';

interface Listed {
  readonly readers: readonly { readonly reader: string; readonly configured: boolean }[];
}

describe('signalbox readers', function () {
  this.timeout(180_000);

  it('names readers that are not configured any more, and forgets them and no others', async () => {
    const appliance = await startAppliance({
      rest: () => `exporters: { store: {}, file: { path: /dev/null } }
service: { pipelines: { traces: { receivers: [otlp], exporters: [store, file] } } }
`,
    });
    const { dataDir, configFile } = appliance;
    try {
      const body = encodeTraces(makeMarked(BigInt(Date.now()) * 1_000_000n).traces);
      assert.equal((await fetch(`${appliance.http}/v1/traces`, { method: 'POST', headers: { 'content-type': 'application/x-protobuf' }, body: body as Uint8Array<ArrayBuffer> })).status, 200);
      await appliance.stop({ keep: true });
      const later = join(dataDir, 'later.yaml');
      writeFileSync(later, 'query: { max_series: 10 }\n');
      const list = async (config: string): Promise<Listed['readers']> => (JSON.parse((await signalbox(['readers', 'list', '--json', '--data', dataDir, '--config', config])).stdout) as Listed).readers.map(({ reader, configured }) => ({ reader, configured }));
      assert.deepEqual(await list(configFile), [{ reader: 'store', configured: true }, { reader: 'traces→file', configured: true }]);
      assert.deepEqual(await list(later), [{ reader: 'store', configured: true }, { reader: 'traces→file', configured: false }]);

      const configured = await signalbox(['readers', 'forget', 'traces→file', '--data', dataDir, '--config', configFile]);
      assert.equal(configured.code, 1);
      assert.match(configured.stderr, /SBX_DELIVERY_CONFIGURED/);
      const unknown = await signalbox(['readers', 'forget', 'logs→loki', '--data', dataDir, '--config', later]);
      assert.equal(unknown.code, 1);
      assert.match(unknown.stderr, /there is no reader 'logs→loki'; these can be forgotten: traces→file/);
      const near = await signalbox(['readers', 'forget', 'traces→fil', '--data', dataDir, '--config', later]);
      assert.match(near.stderr, /did you mean 'traces→file'\?/);
      const store = await signalbox(['readers', 'forget', 'store', '--data', dataDir, '--config', later]);
      assert.match(store.stderr, /SBX_DELIVERY_CONFIGURED.*part of the appliance/);
      const none = await signalbox(['readers', 'forget', 'logs→loki', '--data', dataDir, '--config', configFile]);
      assert.match(none.stderr, /there is no reader 'logs→loki'; none can be forgotten, since all .* are configured: .*traces→file/);
      assert.equal((await signalbox(['readers', 'forget', 'traces→file', '--data', dataDir, '--config', later])).code, 0);
      assert.deepEqual(await list(later), [{ reader: 'store', configured: true }]);
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
  });
});
