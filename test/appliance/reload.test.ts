import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeTraces } from '@signalbox/signals/otlp/protobuf/traces';
import { makeMarked } from 'signalbox/verify/marked';
import { rolePid } from '../faults/roles.js';
import { startAppliance, type RunningAppliance } from '../harness/appliance.js';
import { freePort } from '../servers/free-port.js';

interface Status {
  readonly roles: readonly { readonly name: string; readonly state: string; readonly pid: number; readonly restarts: number }[];
}
interface Ledger {
  readonly rows: readonly { readonly reader: string; readonly signal: string; readonly accepted: number; readonly delivered: number; readonly queued: number; readonly balanced: boolean }[];
}

const until = async (what: string, condition: () => boolean | Promise<boolean>): Promise<void> => {
  for (let i = 0; i < 1000; i++) {
    if (await condition()) return;
    await sleep(100);
  }
  assert.fail(`never: ${what}`);
};

describe('reload of the configuration', function () {
  this.timeout(240_000);
  let appliance: RunningAppliance;
  let syslogPort = 0;
  before(async () => {
    syslogPort = await freePort();
    appliance = await startAppliance({
      env: { SIGNALBOX_STORE_FLUSH_AGE: '500ms' },
      receivers: `syslog: { tcp: { listen_address: "127.0.0.1:${syslogPort}" } }`,
      rest: () => `exporters: { store: {} }
service: { pipelines: { traces: { receivers: [otlp], exporters: [store] }, logs: { receivers: [otlp, syslog], exporters: [store] }, metrics: { receivers: [otlp], exporters: [store] } } }
`,
    });
  });
  after(() => appliance.stop());

  const json = async <T>(path: string): Promise<T> => (await (await fetch(`${appliance.url}${path}`)).json()) as T;
  const pids = async (): Promise<Record<string, number>> => Object.fromEntries((await json<Status>('/api/v1/status')).roles.filter(({ state }) => state === 'running').map(({ name, pid }) => [name, pid]));
  const times = (what: string): number => appliance.said().split(what).length - 1;
  /** Messages of syslog in the store. */
  const found = async (): Promise<number> => {
    const { data } = await json<{ readonly data: { readonly result: readonly { readonly values: readonly unknown[] }[] } }>(`/loki/api/v1/query_range?query=${encodeURIComponent('{service_name=~".+"} |= "message"')}&start=2026-01-02T00:00:00Z&end=2026-01-03T00:00:00Z`);
    return data.result.reduce((sum, { values }) => sum + values.length, 0);
  };
  const rewrite = (change: (text: string) => string): void => writeFileSync(appliance.configFile, change(readFileSync(appliance.configFile, 'utf8')));

  it('adds a destination, moves a port, keeps what is the same, and loses nothing of a load that goes on', async () => {
    const out = join(appliance.dataDir, 'out.jsonl');
    let http = appliance.http;
    let acknowledged = 0;
    let stop = false;
    const load = (async () => {
      while (!stop) {
        const body = encodeTraces(makeMarked(BigInt(Date.now()) * 1_000_000n).traces);
        const answer = await fetch(`${http}/v1/traces`, { method: 'POST', headers: { 'content-type': 'application/x-protobuf' }, body: body as Uint8Array<ArrayBuffer> }).catch(() => null);
        if (answer?.status === 200) acknowledged++;
        else await sleep(20);
      }
    })();
    // Of a receiver that stays the same: its connections last.
    const connection = connect(syslogPort, '127.0.0.1');
    let closed = false;
    connection.on('close', () => (closed = true)).on('error', () => (closed = true));
    let messages = 0;
    const say = (): void => void connection.write(`<13>1 2026-01-02T03:04:05Z host app - - - message ${messages++}\n`);
    say();
    await until('the status knows both roles', async () => Object.keys(await pids()).length === 2);
    const before = await pids();

    rewrite((text) => text.replace('exporters: { store: {} }', `exporters: { store: {}, file: { path: ${JSON.stringify(out)} } }`).replace('traces: { receivers: [otlp], exporters: [store] }', 'traces: { receivers: [otlp], exporters: [store, file] }'));
    await until('the destination was added', () => times('was taken over') === 1);
    await until('the new role runs', async () => (await pids())['deliver'] !== undefined);

    const port = await freePort();
    rewrite((text) => text.replace(appliance.http.slice(7), `127.0.0.1:${port}`));
    process.kill(appliance.pid, 'SIGHUP');
    await until('the port has moved', () => times('was taken over') === 2);
    // The signal and who watches the file look at it, one after the other.
    await until('the other look found nothing new', () => times('the same as before') === 1);
    const sofar = acknowledged;
    say();
    assert.ok(!closed, 'the connection to the receiver that is the same goes on');
    http = `http://127.0.0.1:${port}`;
    await until('what comes to the new port is acknowledged', () => acknowledged > sofar);
    stop = true;
    await load;
    connection.end();

    const { receive, serve } = await pids();
    assert.deepEqual({ receive, serve }, { receive: before['receive'], serve: before['serve'] }, 'no role was started anew');
    await until('all is delivered', async () => (await json<Ledger>('/api/v1/ledger')).rows.filter(({ reader }) => reader === 'store' || reader.endsWith('→file')).every(({ queued, balanced }) => queued === 0 && balanced));
    const rows = (await json<Ledger>('/api/v1/ledger')).rows;
    assert.deepEqual(rows.filter(({ reader }) => reader.endsWith('→file')).map(({ reader, delivered, accepted }) => [reader, delivered === accepted]), [['traces→file', true]]);
    await until('both messages of the connection are found', async () => (await found()) === messages);
    const stored = rows.filter(({ reader, signal }) => reader === 'store' && signal === 'traces').reduce((sum, { delivered }) => sum + delivered, 0);
    assert.ok(stored >= acknowledged, `${stored} of ${acknowledged} acknowledged`);
    const lines = readFileSync(out, 'utf8').trim().split('\n');
    assert.ok(lines.length > 0 && lines.length <= acknowledged);
  });

  it('names every mistake of a configuration and goes on with the one before', async () => {
    const good = readFileSync(appliance.configFile, 'utf8');
    writeFileSync(appliance.configFile, good.replace('receivers: [otlp]', 'receivers: [oltp]').replace('store: {}', 'store: { colour: red }'));
    await until('the mistakes are named', () => times('was not taken over') === 1);
    const said = appliance.said();
    for (const part of ['oltp', 'colour', appliance.configFile]) assert.ok(said.includes(part), part);
    assert.deepEqual(Object.keys(await pids()).sort(), ['deliver', 'receive', 'serve']);
    assert.equal((await fetch(`${appliance.url}/healthz`)).status, 200);
    writeFileSync(appliance.configFile, good);
    await until('the repaired file is looked at', () => times('the same as before') === 2);
  });

  it('starts a role anew where a setting of its process changed, and no other', async () => {
    const before = await pids();
    rewrite((text) => `${text}\nquery: { max_series: 1234 }\n`);
    await until('taken over', () => times('was taken over') === 3);
    await until('all run', async () => Object.keys(await pids().catch(() => ({}))).length === 3);
    const after = await pids();
    assert.notEqual(after['serve'], before['serve']);
    assert.equal(after['receive'], before['receive']);
    assert.equal(after['deliver'], before['deliver']);
  });

  it('reaches a role that has just begun with the configuration before', async () => {
    const out = join(appliance.dataDir, 'later.jsonl');
    const killed = (await pids())['deliver']!;
    process.kill(killed, 'SIGKILL');
    await until('it starts again', () => ![null, killed].includes(rolePid(appliance.pid, 'deliver')));
    rewrite((text) => text.replace('out.jsonl', 'later.jsonl'));
    process.kill(appliance.pid, 'SIGHUP');
    await until('taken over', () => times('was taken over') === 4);
    const { marker, traces } = makeMarked(BigInt(Date.now()) * 1_000_000n);
    const address = /http: \{ endpoint: "([^"]+)"/.exec(readFileSync(appliance.configFile, 'utf8'))![1];
    const answer = await fetch(`http://${address}/v1/traces`, { method: 'POST', headers: { 'content-type': 'application/x-protobuf' }, body: encodeTraces(traces) as Uint8Array<ArrayBuffer> });
    assert.equal(answer.status, 200);
    await until('the new file has what came', () => existsSync(out) && readFileSync(out, 'utf8').includes(marker));
  });
});
