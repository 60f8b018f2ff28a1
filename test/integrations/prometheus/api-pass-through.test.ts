import assert from 'node:assert/strict';
import { requireOwnServer } from '../../servers/require-server.js';
import type { RunningServer } from '../../servers/server-process.js';
import { startAppliance } from '../../harness/appliance.js';
import type { RunningAppliance } from '../../harness/appliance.js';
import { ALL_TO_STORE } from '../../harness/appliance.js';
import { startWholePrometheus } from '../../sidebyside/prometheus.js';
import { Side } from '../../sidebyside/sides.js';

describe('integration: the appliance in front of a Prometheus', function passThrough() {
  this.timeout(240_000);
  let server: RunningServer;
  let appliance: RunningAppliance;
  before(async function () {
    requireOwnServer(this, 'prometheus');
    server = await startWholePrometheus();
    appliance = await startAppliance({ rest: () => `${ALL_TO_STORE}query: { metrics: { prometheus: { url: "${server.url}" } } }\n` });
  });
  after(async () => {
    await appliance?.stop();
    await server?.stop();
  });

  it('answers with what is there, errors and all', async () => {
    const theirs = new Side('prometheus', server.url);
    const through = new Side('appliance', `${appliance.url}/prometheus`);
    await theirs.write([{ labels: [['__name__', 'up'], ['job', 'elsewhere']], points: [{ timeMs: 1_000_000_000_000, value: 1 }] }]);
    for (const [path, params] of [
      ['api/v1/query', { query: 'up', time: '1000000000' }], ['api/v1/query', { query: 'up{' }], ['api/v1/label/job/values', {}], ['api/v1/parse_query', { query: 'up' }], ['api/v1/nothing', {}], ['-/ready', {}],
    ] as [string, Record<string, string>][]) {
      assert.deepEqual(await through.ask(path, params), await theirs.ask(path, params), path);
    }
    assert.deepEqual(await through.query('query', { query: 'up', time: '1000000000' }), await theirs.query('query', { query: 'up', time: '1000000000' }));
  });
});
