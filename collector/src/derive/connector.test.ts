import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readLedger } from '@signalbox/journal/ledger';
import { JournalReader } from '@signalbox/journal/reader';
import { decodeLogs } from '@signalbox/signals/otlp/protobuf/logs';
import { loadConfig } from '../config/load.js';
import { createWorld, until, type World } from '../delivery/fixture.test.js';
import { forgottenReaders, ReaderConfigured, removeReader } from '../delivery/accounting/forgotten.js';
import { startDelivery, type Delivery } from '../delivery/runner.js';
import { createIntake } from '../intake/intake.js';
import { builtinRegistry } from '../registry.js';
import { traceRequest } from '../receivers/otlp/fixture.test.js';
import { systemClock } from '../telemetry/clock.js';
import { createLogger } from '../telemetry/logger.js';
import { createMetrics } from '../telemetry/metrics.js';
import { AppendRefused, type DerivedFrame } from './append.js';
import { AppendClient } from './append-client.js';
import { appendHandler } from './append-handler.js';
import { snapshotPath } from './snapshot-file.js';
import { counting, CountingConnector } from './testing/counting.js';

const TEXT = `receivers: { otlp: {} }
connectors: { count: {} }
exporters: { debug: {} }
service: { pipelines: { traces: { receivers: [otlp], exporters: [count] }, logs: { receivers: [count], exporters: [debug] } } }`;

describe('connectors', function () {
  this.timeout(180_000);
  let world: World;
  let server: Server;
  let socketPath: string;
  const registry = { ...builtinRegistry(), connectors: [counting] };
  const running = new Set<Delivery>();
  const children = new Set<ChildProcess>();
  const config = (text = TEXT) => loadConfig({ text, file: '(test)', env: {}, registry, sections: {} });

  beforeEach(async () => {
    world = await createWorld();
    socketPath = join(world.dir, 'append.sock');
    const intake = createIntake({ journal: world.journal, clock: systemClock(), metrics: world.metrics });
    const handle = appendHandler({ intake, origins: new Set(['count']), maxBytes: 1 << 20 });
    server = createServer((incoming, response) => void handle(incoming, response));
    await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  });

  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL');
    children.clear();
    await Promise.all([...running].map((delivery) => delivery.stop(100)));
    running.clear();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await world.close();
  });

  const clientOf = (): AppendClient => new AppendClient({ socketPath, logger: createLogger({ stream: { write: (line) => void world.lines.push(line) } }), retryMs: 5 });

  async function start(text = TEXT, append = clientOf().append): Promise<Delivery> {
    const logger = createLogger({ stream: { write: (line) => void world.lines.push(line) } });
    const delivery = await startDelivery({ config: config(text), registry, journalDir: world.dir, dataDir: world.dir, logger, clock: systemClock(), metrics: createMetrics(), append, flushEveryMs: 10 });
    running.add(delivery);
    return delivery;
  }

  async function stop(delivery: Delivery): Promise<void> {
    running.delete(delivery);
    await delivery.stop(1000);
  }

  /** Spans that the derived log records tell of, by tenant. */
  async function told(): Promise<Record<string, number>> {
    const reader = await JournalReader.open(world.dir);
    const sums: Record<string, number> = {};
    for (let at = 0; at < reader.durable(); ) {
      const { frames, next } = await reader.read(at, { maxBytes: 1 << 20, wants: ({ signal, origin }) => signal === 'logs' && origin === 'count' });
      for (const { tenant, payload } of frames) {
        for (const { scopeLogs } of decodeLogs(payload).resourceLogs) for (const { logRecords } of scopeLogs) for (const { body } of logRecords) sums[tenant] = (sums[tenant] ?? 0) + Number(body);
      }
      at = next;
    }
    await reader.close();
    return sums;
  }

  const balanced = async (): Promise<boolean> => (await readLedger(world.dir)).every((row) => row.balanced && row.queued === 0);

  it('read like exporters, and what they derive goes into the journal under their own name and on to the next pipeline', async () => {
    await world.append(3, { origin: 'otlp' });
    const delivery = await start();
    assert.deepEqual(delivery.readers, ['logs→debug', 'traces→count']);
    await world.append(4, { origin: 'otlp', tenant: 'blue' });
    await world.append(5, { origin: 'other' });
    await until('all are told', async () => JSON.stringify(await told()) === '{"default":3,"blue":4}');
    await until('settled', balanced);
    const rows = (await readLedger(world.dir)).map(({ reader, tenant, accepted, delivered }) => `${reader} ${tenant} ${accepted} ${delivered}`);
    assert.deepEqual(rows.filter((row) => row.startsWith('traces')), ['traces→count blue 4 4', 'traces→count default 3 3']);
    assert.equal(rows.filter((row) => row.startsWith('logs→debug')).length, 2);
  });

  it('go on after a restart with the state that they had', async () => {
    await world.append(3, { origin: 'otlp' });
    await stop(await start());
    assert.deepEqual(await told(), { default: 3 });
    await world.append(10, { origin: 'otlp' });
    await start();
    await until('the rest is told', async () => (await told())['default'] === 13);
    await until('settled', balanced);
  });

  it('append after the restart what they could not append before, once', async () => {
    await world.append(7, { origin: 'otlp' });
    const handed: DerivedFrame[] = [];
    const lost = await start(TEXT, async (frame) => {
      handed.push(frame);
      await clientOf().append(frame, new AbortController().signal);
      throw new Error('the answer was lost');
    });
    await until('it was handed over', () => handed.length > 1);
    assert.equal(new Set(handed.map(({ batchId }) => batchId)).size, 1);
    await stop(lost);
    await world.append(1, { origin: 'otlp' });
    await start();
    await until('the rest is told', async () => (await told())['default'] === 8);
    await until('settled', balanced);
    assert.ok(world.journal.stats().duplicateFrames > 0);
  });

  it('count every frame exactly once, however often they are killed', async () => {
    let appended = 0;
    let working = true;
    const appends = (async () => {
      while (working) {
        await world.append(3, { origin: 'otlp' });
        appended += 3;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
    for (let round = 0; round < 6; round++) {
      const child = spawn(process.execPath, ['--conditions=source', '--import', 'tsx', fileURLToPath(new URL('./testing/connector.child.ts', import.meta.url)), world.dir, socketPath, TEXT], { stdio: ['ignore', 'pipe', 'inherit'] });
      children.add(child);
      const gone = new Promise((resolve) => child.once('exit', resolve));
      await new Promise((resolve) => child.stdout!.once('data', resolve));
      const before = (await told())['default'] ?? 0;
      await until('it derives', async () => ((await told())['default'] ?? 0) > before);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 60));
      child.kill('SIGKILL');
      await gone;
      children.delete(child);
    }
    working = false;
    await appends;
    await start();
    await until('all are told', async () => ((await told())['default'] ?? 0) >= appended);
    await until('settled', balanced);
    assert.deepEqual(await told(), { default: appended });
  });

  it('begin empty where the snapshot is damaged, and say so', async () => {
    await world.append(3, { origin: 'otlp' });
    await stop(await start());
    const path = snapshotPath(world.dir, 'traces→count');
    const bytes = await readFile(path);
    bytes[bytes.length - 3]! ^= 1;
    await writeFile(path, bytes);
    await world.append(10, { origin: 'otlp' });
    await start();
    await until('the rest is told', async () => (await told())['default'] === 13);
    assert.match(world.lines.join(''), /SBX_DERIVE_STATE.*it is damaged/);
    await until('settled', balanced);
  });

  it('that fail cost the frame that they failed at, with the reason in the ledger', async () => {
    const consume = CountingConnector.prototype.consume;
    CountingConnector.prototype.consume = function (batch) {
      if (batch.items === 2) throw new Error('two is too many');
      consume.call(this, batch);
    };
    try {
      await world.append(3, { origin: 'otlp' });
      await world.append(2, { origin: 'otlp' });
      await world.append(4, { origin: 'otlp' });
      await start();
      await until('the others are told', async () => (await told())['default'] === 7);
      await until('settled', balanced);
      assert.deepEqual((await world.ledger('traces→count')).dropped, { connector_failed: 2 });
    } finally {
      CountingConnector.prototype.consume = consume;
    }
  });

  it('hold the journal as long as they are configured; then they can be removed', async () => {
    await world.append(3, { origin: 'otlp' });
    await stop(await start());
    await assert.rejects(removeReader({ config: config(), journalDir: world.dir, dataDir: world.dir, reader: 'traces→count' }), ReaderConfigured);
    const without = config(`receivers: { otlp: {} }\nexporters: { debug: {} }\nservice: { pipelines: { logs: { receivers: [otlp], exporters: [debug] } } }`);
    assert.deepEqual(await forgottenReaders(without, world.dir), ['traces→count']);
    assert.equal(await removeReader({ config: without, journalDir: world.dir, dataDir: world.dir, reader: 'nobody→x' }), false);
    assert.equal(await removeReader({ config: without, journalDir: world.dir, dataDir: world.dir, reader: 'traces→count' }), true);
    assert.deepEqual(await forgottenReaders(without, world.dir), []);
    await assert.rejects(readFile(snapshotPath(world.dir, 'traces→count')), /ENOENT/);
  });

  describe('the local append', () => {
    const never = new AbortController().signal;
    const frame = (change: Partial<DerivedFrame> = {}): DerivedFrame => ({ signal: 'traces', encoding: 'otlp', tenant: 'Ärger & co', origin: 'count', items: 5, batchId: 'b/1 ü'.slice(0, 3), payload: traceRequest(5), ...change });

    it('is durable, under the connector\'s name, and once for each batch id', async () => {
      const client = clientOf();
      await client.append(frame(), never);
      await client.append(frame(), never);
      const reader = await JournalReader.open(world.dir);
      const { frames } = await reader.read(0, { maxBytes: 1 << 20, wants: () => true });
      await reader.close();
      assert.deepEqual(frames.map(({ tenant, origin, items, batchId }) => ({ tenant, origin, items, batchId })), [{ tenant: 'Ärger & co', origin: 'count', items: 5, batchId: 'b/1' }]);
      client.close();
    });

    const wrong: readonly (readonly [what: string, change: Partial<DerivedFrame>, reason: RegExp])[] = [
      ['of a connector that is not configured', { origin: 'otlp' }, /403: no connector or sampler 'otlp'/],
      ['with another number of items', { items: 4 }, /400: the payload holds 5 items/],
      ['that is no OTLP', { payload: Buffer.from('nonsense') }, /400: /],
      ['without a batch id', { batchId: '' }, /400: x-signalbox-batch-id is missing/],
      ['that is too long', { payload: Buffer.alloc((1 << 20) + 1) }, /413: the body has/],
      ['with an encoding that is not OTLP', { encoding: 'prometheus' as 'otlp' }, /400: x-signalbox-encoding/],
    ];
    for (const [what, change, reason] of wrong) {
      it(`refuses a frame ${what}, for good`, async () => {
        const client = clientOf();
        await assert.rejects(client.append(frame(change), never), (error) => error instanceof AppendRefused && reason.test(error.message));
        client.close();
        assert.equal(world.journal.stats().appendedFrames, 0);
      });
    }

    it('is tried until the other process is there, or until it is stopped', async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      const client = clientOf();
      const stopped = new AbortController();
      const given = assert.rejects(client.append(frame({ batchId: 'x' }), stopped.signal), /enough/);
      const appended = client.append(frame(), never);
      await until('it was tried', () => world.lines.some((line) => line.includes('SBX_DERIVE_APPEND')));
      stopped.abort(new Error('enough'));
      await given;
      await new Promise<void>((resolve) => server.listen(socketPath, resolve));
      await appended;
      assert.equal(world.journal.stats().appendedFrames, 1);
      client.close();
    });

    it('gives the byte budget back when the sender breaks off', async () => {
      const sent = request({ socketPath, method: 'POST', path: '/', headers: { 'content-length': 500_000, 'x-signalbox-signal': 'traces', 'x-signalbox-encoding': 'otlp', 'x-signalbox-tenant': 't', 'x-signalbox-origin': 'count', 'x-signalbox-items': 1, 'x-signalbox-batch-id': 'b' } });
      sent.on('error', () => undefined);
      sent.write(Buffer.alloc(1000));
      await until('it is being read', () => /signalbox_intake_in_flight_bytes 500000/.test(world.metrics.expose()));
      sent.destroy();
      await until('it was given back', () => /signalbox_intake_in_flight_bytes 0/.test(world.metrics.expose()));
    });
  });
});
