import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeTraces } from '@signalbox/signals/otlp/protobuf/traces';
import { makeMarked } from 'signalbox/verify/marked';
import { ALL_TO_STORE, signalbox, startAppliance } from '../harness/appliance.js';
import { freePort } from '../servers/free-port.js';
import type { RunningAppliance } from '../harness/appliance.js';

const send = (http: string, body: Uint8Array, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${http}/v1/traces`, { method: 'POST', headers: { 'content-type': 'application/x-protobuf', ...headers }, body: body as Uint8Array<ArrayBuffer> });

describe('signalbox start', function () {
  this.timeout(240_000);
  let folder: string;
  before(() => { folder = mkdtempSync(join(tmpdir(), 'signalbox-start-')); });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('says what listens where, where data is kept and how to instrument, and ends with 0 on Ctrl-C', async () => {
    const appliance = await startAppliance();
    const said = appliance.said();
    for (const part of [appliance.grpc.slice(7), appliance.http.slice(7), appliance.url, appliance.dataDir, 'node --import']) assert.ok(said.includes(part), `${part} in ${said}`);
    assert.equal(await appliance.stop(), 0);
  });

  it('answers with what was acknowledged before the question, and still has it after a restart', async () => {
    const marked = makeMarked(BigInt(Date.now()) * 1_000_000n);
    const first = await startAppliance();
    assert.equal((await send(first.http, encodeTraces(marked.traces))).status, 200);
    const at = async (a: RunningAppliance): Promise<string> => (await fetch(`${a.url}/jaeger/api/traces/${marked.traceId}`)).text();
    assert.ok((await at(first)).includes(marked.marker), 'at once');
    await first.stop({ keep: true });
    const second = await startAppliance({ dataDir: first.dataDir });
    try {
      assert.ok((await at(second)).includes(marked.marker), 'after a restart');
    } finally {
      await second.stop();
    }
  });

  for (const [logs, line] of [['encoding: console', /^[\d:.]+ INFO +\S*: the configuration is the same as before$/m], ['encoding: json', /^\{"time":.*"level":"info".*the configuration is the same as before"\}$/m], ['level: ERROR', null]] as const) {
    it(`writes logs as service.telemetry says: ${logs}`, async () => {
      const appliance = await startAppliance({ rest: () => ALL_TO_STORE.replace('service: { ', `service: { telemetry: { logs: { ${logs} } }, `) });
      try {
        // What is the same is an information; what has a mistake is an error.
        if (line === null) appendFileSync(appliance.configFile, 'nonsense: 1\n');
        process.kill(appliance.pid, 'SIGHUP');
        for (let i = 0; !(line ?? /"level":"error".*unknown key 'nonsense'/).test(appliance.said()); i++) {
          assert.ok(i < 1800, appliance.said());
          await sleep(100);
        }
        if (line === null) assert.ok(!appliance.said().includes('"level":"info"'), appliance.said());
      } finally {
        await appliance.stop();
      }
    });
  }

  it('refuses a port that is in use and names it', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    try {
      for (const taken of ['grpc', 'http', 'serve'] as const) {
        const ports = { grpc: await freePort(), http: await freePort(), serve: await freePort(), [taken]: port };
        const config = join(folder, `taken-${taken}.yaml`);
        writeFileSync(config, `receivers: { otlp: { protocols: { grpc: { endpoint: "127.0.0.1:${ports.grpc}" }, http: { endpoint: "127.0.0.1:${ports.http}" } } } }\nserve: { endpoint: "127.0.0.1:${ports.serve}" }\n${ALL_TO_STORE}`);
        const { code, stderr } = await signalbox(['start', '--config', config, '--data', join(folder, `taken-${taken}`)]);
        assert.equal(code, 1, stderr);
        assert.ok(stderr.includes(`127.0.0.1:${port}`) && /in use|listens there/.test(stderr), stderr);
      }
    } finally {
      server.close();
    }
  });

  it('refuses a data directory that another one has, and names its process', async () => {
    const appliance = await startAppliance();
    try {
      await assert.rejects(startAppliance({ dataDir: appliance.dataDir }), /SBX_JOURNAL_IN_USE[\s\S]*\d+/);
      assert.equal((await fetch(`${appliance.url}/readyz`)).status, 200, 'the first one goes on');
    } finally {
      await appliance.stop();
    }
  });

  it('refuses a data directory that cannot be', async () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    const { code, stderr } = await signalbox(['start', '--data', join(file, 'data')]);
    assert.equal(code, 1);
    assert.match(stderr, /SBX_DATA_DIRECTORY.*a-file.*a file is in its way.*--data/);
  });

  it('tells all mistakes of a configuration at once, with their lines, before anything starts', async () => {
    const config = join(folder, 'typos.yaml');
    writeFileSync(config, 'receivers:\n  otpl: {}\nexporters:\n  store: {}\nstore:\n  retention:\n    agee: 3d\nservice:\n  pipelines:\n    traces: { receivers: [otlp], exporters: [stroe] }\n');
    const { code, stderr } = await signalbox(['start', '--config', config, '--data', join(folder, 'typos')]);
    assert.equal(code, 1);
    for (const [line, nearest] of [[2, 'otlp'], [7, 'age'], [10, 'store']] as const) assert.match(stderr, new RegExp(`typos.yaml:${line}.*'${nearest}'`), stderr);
  });

  it('says what a number or an address may be', async () => {
    for (const [variable, value, says] of [['SIGNALBOX_STORE_MAX_QUERIES', '100', /store\.max_queries.*expected at most 12, found 100/], ['SIGNALBOX_STORE_MAX_SERIES', '0', /store\.max_series.*expected at least 1, found 0/], ['SIGNALBOX_SERVE_ENDPOINT', '127.0.0.1:99999', /serve\.endpoint.*HOST:PORT.*at most 65535/]] as const) {
      const { code, stderr } = await signalbox(['start', '--check'], { [variable]: value });
      assert.equal(code, 1);
      assert.match(stderr, says);
    }
  });

  it('takes settings from the environment by their path, and refuses a name that is none', async () => {
    const good = await signalbox(['start', '--check'], { SIGNALBOX_STORE_RETENTION_AGE: 'off' });
    assert.equal(good.code, 0, good.stderr);
    const bad = await signalbox(['start', '--check'], { SIGNALBOX_STORE_RETENTION_AGEE: 'off' });
    assert.equal(bad.code, 1);
    assert.match(bad.stderr, /SIGNALBOX_STORE_RETENTION_AGEE.*SIGNALBOX_STORE_RETENTION_AGE/s);
  });

  it('refuses to listen for others without a token, and does with one', async () => {
    const data = join(folder, 'open');
    const env = { SIGNALBOX_SERVE_ENDPOINT: '0.0.0.0:4319' };
    const refused = await signalbox(['start', '--check', '--data', data], env);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /0\.0\.0\.0:4319.*SBX_AUTH_REQUIRED|SBX_AUTH_REQUIRED.*0\.0\.0\.0:4319/s);
    assert.match(refused.stderr, /signalbox token create/);
    assert.equal((await signalbox(['token', 'create', '--data', data])).code, 0);
    const allowed = await signalbox(['start', '--check', '--data', data], env);
    assert.equal(allowed.code, 0, allowed.stderr);
    assert.match(allowed.stdout, /tokens: demanded/);
  });
});

describe('who may come in', function () {
  this.timeout(180_000);
  let appliance: RunningAppliance;
  let tokens: { write: string; read: string };

  before(async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'signalbox-auth-'));
    const make = async (scope: string): Promise<string> => (await signalbox(['token', 'create', '--data', dataDir, '--scope', scope])).stdout.trim();
    tokens = { write: await make('write'), read: await make('read') };
    appliance = await startAppliance({ dataDir, env: { SIGNALBOX_AUTH_REQUIRED: 'true' } });
  });
  after(() => appliance.stop());

  const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

  it('demands a token with the right scope on every port', async () => {
    const body = encodeTraces(makeMarked(1n).traces);
    assert.equal((await send(appliance.http, body)).status, 401);
    assert.equal((await send(appliance.http, body, bearer(tokens.read))).status, 403);
    assert.equal((await send(appliance.http, body, bearer(tokens.write))).status, 200);
    const services = `${appliance.url}/jaeger/api/services`;
    assert.equal((await fetch(services)).status, 401);
    assert.equal((await fetch(services, { headers: bearer(tokens.write) })).status, 403);
    assert.equal((await fetch(services, { headers: bearer(tokens.read) })).status, 200);
    for (const path of ['/metrics', '/api/v1/status', '/api/v1/ledger', '/prometheus/api/v1/labels', '/loki/api/v1/labels', '/tempo/api/search']) assert.equal((await fetch(appliance.url + path)).status, 401, path);
  });

  it('answers health and the page without one: they hold no data', async () => {
    assert.equal((await fetch(`${appliance.url}/readyz`)).status, 200);
    assert.equal((await fetch(appliance.url, { headers: { accept: 'text/html' } })).status, 200);
  });

  it('refuses requests that name another host or come from another page, even here', async () => {
    const status = (url: string, headers: Record<string, string>): Promise<number> => new Promise((resolve, reject) => {
      request(url, { headers }, (response) => { response.resume(); resolve(response.statusCode!); }).on('error', reject).end();
    });
    const url = `${appliance.url}/jaeger/api/services`;
    assert.equal(await status(url, { ...bearer(tokens.read), host: 'evil.example' }), 403);
    assert.equal(await status(url, { ...bearer(tokens.read), origin: 'https://evil.example' }), 403);
    assert.equal(await status(url, { ...bearer(tokens.read), host: 'localhost:1' }), 200);
  });

  it('never shows a token in what it writes', () => {
    for (const token of Object.values(tokens)) assert.ok(!appliance.said().includes(token));
  });
});
