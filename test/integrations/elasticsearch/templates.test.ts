import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@elastic/elasticsearch';
import { signalbox } from '../../harness/appliance.js';
import { ELASTICSEARCH_VERSIONS } from '../../servers/elasticsearch/start.js';
import { requireOwnServer } from '../../servers/require-server.js';
import type { RunningServer } from '../../servers/server-process.js';
import { clientOf } from './client.js';

interface Row {
  readonly exporter: string;
  readonly name: string;
  readonly installed: boolean;
  readonly components: readonly string[];
  readonly serverLacks: readonly string[];
}

for (const { version, recipe, start } of ELASTICSEARCH_VERSIONS) describe(`integration: signalbox elasticsearch install-templates, version ${version}`, function () {
  this.timeout(300_000);
  let dir: string;
  let server: RunningServer;
  let client: Client;

  before(async function () {
    requireOwnServer(this, recipe);
    dir = mkdtempSync(join(tmpdir(), 'signalbox-templates-'));
    server = await start();
    client = clientOf(server.url);
  });
  after(async () => {
    await client?.close();
    await server?.stop();
    if (dir !== undefined) rmSync(dir, { recursive: true, force: true });
  });

  function configFile(name: string, url: string): string {
    const file = join(dir, name);
    const templates = 'templates: { install: never, retention: 7d, number_of_replicas: 0 }';
    writeFileSync(file, `receivers: { otlp: {} }
exporters:
  elasticsearch: { endpoint: "${url}", ${templates} }
  elasticsearch/ecs: { endpoint: "${url}", mapping: { mode: ecs }, ${templates} }
  debug: {}
service: { pipelines: { logs: { receivers: [otlp], exporters: [elasticsearch, elasticsearch/ecs, debug] } } }
`);
    return file;
  }
  const install = (...args: string[]) => signalbox(['elasticsearch', 'install-templates', ...args]);

  it('puts templates and lifecycle in place for every exporter, and says what the server lacks', async () => {
    const file = configFile('signalbox.yaml', server.url);
    const { code, stdout, stderr } = await install('--config', file, '--json');
    assert.equal(code, 0, stderr);
    const { templates } = JSON.parse(stdout) as { templates: readonly Row[] };
    assert.deepEqual(templates.map(({ exporter, name, installed }) => [exporter, name, installed]), ([['elasticsearch', 'otel'], ['elasticsearch/ecs', 'plain']] as const).flatMap(([exporter, family]) => ['traces', 'logs', 'metrics'].map((signal) => [exporter, `signalbox-${signal}-${family}`, true])));
    for (const { name, components, serverLacks } of templates) {
      assert.ok(components.includes(`${name}@mappings`) && components.includes(`${name}@settings`), JSON.stringify(components));
      assert.ok(serverLacks.every((lacking) => /^[a-z_.]+$/.test(lacking)), JSON.stringify(serverLacks));
      const { template } = await client.indices.simulateTemplate({ name });
      assert.equal((template.settings?.['index'] as { number_of_replicas?: string }).number_of_replicas, '0');
      if (!serverLacks.includes('lifecycle')) assert.equal((template as { lifecycle?: { data_retention?: string } }).lifecycle?.data_retention, '7d');
    }
    const again = JSON.parse((await install('--config', file, '--json')).stdout) as { templates: readonly Row[] };
    assert.ok(again.templates.every(({ installed }) => !installed), 'in place now');
    assert.match((await install('--config', file, '--exporter', 'elasticsearch/ecs')).stdout, /elasticsearch\/ecs\s+signalbox-traces-plain\s+is in place/);
  });

  it('says what is wrong', async () => {
    const file = configFile('nobody.yaml', 'http://127.0.0.1:1');
    const nobody = await install('--config', file);
    assert.equal(nobody.code, 1);
    assert.match(nobody.stderr, /SBX_ELASTICSEARCH_TEMPLATES: elasticsearch: .*ECONNREFUSED/);
    const unknown = await install('--config', file, '--exporter', 'elastic');
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /SBX_ELASTICSEARCH_NO_EXPORTER.*'elastic'; there are: elasticsearch, elasticsearch\/ecs/);
    const none = await install();
    assert.match(none.stderr, /SBX_ELASTICSEARCH_NO_EXPORTER.*--config/);
  });
});
