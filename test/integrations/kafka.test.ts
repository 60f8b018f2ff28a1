import { strict as assert } from 'node:assert';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Admin, Consumer, Producer, type Message } from '@platformatic/kafka';
import type { Batch, Exporter, Receiver } from '@signalbox/collector/component';
import { detachedPlace } from '@signalbox/collector/config/place';
import { selectItems } from '@signalbox/collector/delivery/reading/select';
import { kafka as kafkaExporter } from '@signalbox/collector/exporters/kafka/index';
import { batchOf, testContext } from '@signalbox/collector/exporters/testing/context';
import { createIntake } from '@signalbox/collector/intake/intake';
import { kafka as kafkaReceiver } from '@signalbox/collector/receivers/kafka/index';
import { systemClock } from '@signalbox/collector/telemetry/clock';
import { createMetrics } from '@signalbox/collector/telemetry/metrics';
import { Journal } from '@signalbox/journal/journal';
import { JournalReader } from '@signalbox/journal/reader';
import type { Frame } from '@signalbox/journal/frame';
import { decodeLogs } from '@signalbox/signals/otlp/protobuf/logs';
import { decodeTraces } from '@signalbox/signals/otlp/protobuf/traces';
import { TcpProxy } from '../faults/tcp-proxy.js';
import { startKafka } from '../servers/kafka/start.js';
import { requireOwnServer, requireServer } from '../servers/require-server.js';
import type { RunningServer } from '../servers/server-process.js';
import { eventually, secondsAgoNs } from './eventually.js';
import { RandomTelemetry } from './random-telemetry.js';

const soon = (): AbortSignal => AbortSignal.timeout(60_000);

describe('integration: kafka exporter → Kafka → kafka receiver', function () {
  this.timeout(180_000);
  let server: RunningServer;
  before(async function () {
    requireServer(this, 'kafka');
    server = await startKafka();
  });
  after(() => server?.stop());

  /** Topics of a test's own, made before, so that nothing waits for their leaders. */
  async function topics(): Promise<Record<'traces' | 'logs' | 'metrics', { topic: string }>> {
    const run = randomBytes(4).toString('hex');
    const names = { traces: { topic: `t-${run}` }, logs: { topic: `l-${run}` }, metrics: { topic: `m-${run}` } };
    const admin = new Admin({ clientId: 'test', bootstrapBrokers: [server.url], timeout: 60_000 });
    // A broker that has taken too long to answer has made them all the same.
    await admin.createTopics({ topics: Object.values(names).map(({ topic }) => topic), partitions: 3, replicas: 1 }).catch(() => undefined);
    // That a leader is named says nothing of whether the broker knows yet that it is the one: it answers for its partitions from then on.
    await eventually(async () => {
      const partitions = [0, 1, 2].map((partitionIndex) => ({ partitionIndex, timestamp: -1n }));
      const listed = await admin.listOffsets({ topics: Object.values(names).map(({ topic }) => ({ name: topic, partitions })) });
      assert.ok(listed.length === 3 && listed.every((topic) => topic.partitions.length === 3));
    }, 60_000);
    await admin.close();
    return names;
  }

  function exporterTo(broker: string, settings: Record<string, unknown>): Exporter {
    return kafkaExporter.create(kafkaExporter.parseConfig({ brokers: [broker], ...settings }, detachedPlace('test')), testContext());
  }

  /** As the pipeline does: what is to be sent again is, until nothing is left. A topic that is new may not have its leaders yet. */
  async function deliver(exporter: Exporter, batch: Batch): Promise<void> {
    let rest = batch;
    await eventually(async () => {
      const outcome = await exporter.export(rest, soon());
      if (outcome.kind === 'settled') rest = selectItems(rest, outcome.retry.items);
      assert.ok(outcome.kind === 'settled' && outcome.retry.items.length === 0 && outcome.rejected.length === 0, JSON.stringify(outcome).slice(0, 500));
    }, 60_000);
  }

  /** A receiver before a journal of its own. */
  async function receiverOf(settings: Record<string, unknown>, dir: string) {
    const journal = await Journal.open({ dir, maxBytes: 64 * 2 ** 20, segmentBytes: 16 * 2 ** 20, minFreeShare: 0 });
    const metrics = createMetrics();
    const config = kafkaReceiver.parseConfig({ brokers: [server.url], ...settings }, detachedPlace('test'));
    const intake = createIntake({ journal, clock: systemClock(), metrics });
    const receiver: Receiver = kafkaReceiver.create(config, { ...testContext({ metrics }), id: 'kafka', intake, mounts: { post: () => undefined }, auth: { write: () => ({ tenant: 'nobody' }) }, signals: ['traces', 'logs', 'metrics'] });
    await receiver.start();
    return {
      metrics,
      async frames(): Promise<readonly Frame[]> {
        const reader = await JournalReader.open(dir);
        const { frames } = await reader.read(0, { maxBytes: 2 ** 30, wants: () => true });
        await reader.close();
        return frames;
      },
      async close(): Promise<void> {
        await receiver.shutdown();
        await journal.close();
      },
    };
  }

  async function withDirectory(act: (dir: string) => Promise<void>): Promise<void> {
    const dir = await mkdtemp(join(tmpdir(), 'signalbox-kafka-'));
    try {
      await act(dir);
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  }

  async function read(topic: string, count: number): Promise<Message[]> {
    const consumer = new Consumer({ clientId: 'test', groupId: randomBytes(4).toString('hex'), bootstrapBrokers: [server.url] });
    const stream = await consumer.consume({ topics: [topic], mode: 'earliest', autocommit: false, maxWaitTime: 100 });
    // After a lost answer a message may be there twice.
    const found = new Map<string, Message>();
    for await (const message of stream) {
      const id = [...message.headers].find(([name]) => name.toString() === 'signalbox-batch-id')?.[1];
      if (found.set(String(id), message).size >= count) break;
    }
    await consumer.close(true);
    return [...found.values()];
  }

  it('brings every signal through the topics into another journal, once, with its tenant', () => withDirectory(async (dir) => {
    const settings = await topics();
    const exporter = exporterTo(server.url, settings);
    const random = new RandomTelemetry();
    const batches = [batchOf('team-a', random.traces(300, secondsAgoNs(60))), batchOf('team-a', random.logs(200, secondsAgoNs(60))), batchOf('team-a', random.metrics([secondsAgoNs(30)]))];
    for (const batch of batches) {
      await deliver(exporter, batch);
      // As after a lost answer: the receiver knows the messages.
      await deliver(exporter, batch);
    }
    await exporter.shutdown();
    const expected = Object.fromEntries(batches.map(({ signal, items }) => [signal, items]));
    const sums = (frames: readonly Frame[]): Record<string, number> => frames.reduce<Record<string, number>>((sum, { signal, items }) => ({ ...sum, [signal]: (sum[signal] ?? 0) + items }), {});

    const group = randomBytes(4).toString('hex');
    const first = await receiverOf({ ...settings, group_id: group }, join(dir, 'first'));
    await eventually(async () => assert.deepEqual(sums(await first.frames()), expected, `seed ${random.seed}`), 60_000);
    assert.ok((await first.frames()).every(({ tenant, encoding }) => tenant === 'team-a' && encoding === 'otlp'));
    await first.close();

    // Committed offsets: another of the group gets what came since, and nothing else.
    const later = exporterTo(server.url, settings);
    await deliver(later, batchOf('team-b', random.logs(7, secondsAgoNs(10))));
    await later.shutdown();
    const second = await receiverOf({ ...settings, group_id: group }, join(dir, 'second'));
    await eventually(async () => assert.deepEqual(sums(await second.frames()), { logs: 7 }), 60_000);
    await second.close();
  }));

  it('keys spans by their trace and metrics by their resource, one of them in a message', async () => {
    const settings = await topics();
    const exporter = exporterTo(server.url, settings);
    const random = new RandomTelemetry();
    const traces = batchOf('default', random.traces(100, secondsAgoNs(60)), random.traces(100, secondsAgoNs(50)));
    await deliver(exporter, traces);
    const metrics = batchOf('default', random.metrics([secondsAgoNs(30)]));
    await deliver(exporter, metrics);
    await deliver(exporter, { ...metrics, parts: metrics.parts.map((part) => ({ ...part, position: part.position + 1 })) });
    await exporter.shutdown();
    const ids = new Set(traces.parts.flatMap(({ data }) => (data.signal === 'traces' ? data.traces.resourceSpans.flatMap((r) => r.scopeSpans.flatMap((s) => s.spans.map(({ traceId }) => traceId))) : [])));
    const found = await read(settings.traces.topic, ids.size);
    for (const { key, value, headers } of found) {
      const spans = decodeTraces(value).resourceSpans.flatMap((r) => r.scopeSpans.flatMap((s) => s.spans));
      assert.ok(spans.length > 0 && spans.every(({ traceId }) => traceId === key.toString()));
      assert.equal([...headers].find(([name]) => name.toString() === 'x-scope-orgid')?.[1]?.toString(), 'default');
    }
    assert.equal(found.reduce((sum, { value }) => sum + decodeTraces(value).resourceSpans.flatMap((r) => r.scopeSpans.flatMap((s) => s.spans)).length, 0), 200);
    const [one, other] = await read(settings.metrics.topic, 2);
    assert.match(one!.key.toString(), /^[0-9a-f]{32}$/);
    assert.equal(one!.key.toString(), other!.key.toString());
    assert.equal(one!.partition, other!.partition);
  });

  it('divides what is larger than the brokers take, and rejects the one item that is', async () => {
    const settings = await topics();
    const exporter = exporterTo(server.url, { ...settings, producer: { max_message_bytes: '64MiB', compression: 'none' } });
    const random = new RandomTelemetry();
    const logs = random.logs(5, secondsAgoNs(60));
    const [resource] = logs.resourceLogs;
    const [scope] = resource!.scopeLogs;
    const [record] = scope!.logRecords;
    const lines = ['a'.repeat(3_000_000), 'small', 'b'.repeat(3_000_000), 'c'.repeat(5_000_000), 'last'];
    const batch = batchOf('default', { resourceLogs: [{ ...resource!, scopeLogs: [{ ...scope!, logRecords: lines.map((body) => ({ ...record!, body })) }] }] });
    // A slow broker may answer that it is not ready, which is a matter of the next attempt.
    const outcome = await eventually(async () => {
      const tried = await exporter.export(batch, soon());
      assert.ok(tried.kind === 'settled' && tried.retry.items.length === 0, JSON.stringify(tried).slice(0, 500));
      return tried;
    }, 60_000);
    assert.equal(outcome.delivered, 4);
    assert.deepEqual(outcome.rejected.map(({ item, reason }) => [item, reason.split(':')[0]]), [[3, 'message_too_large']]);
    await exporter.shutdown();
  });

  it('passes over messages that are of no use', () => withDirectory(async (dir) => {
    const settings = await topics();
    const producer = new Producer({ clientId: 'test', bootstrapBrokers: [server.url] });
    const { topic } = settings.traces;
    const garbage = ['', 'no protobuf', '\xff\xff\xff'].map((text) => ({ topic, value: Buffer.from(text, 'latin1') }));
    await producer.send({ messages: [...garbage, { topic, value: Buffer.from('x'), headers: new Map([[Buffer.from('x-scope-orgid'), Buffer.from('../etc')]]) }], acks: -1 });
    await producer.close();
    const random = new RandomTelemetry();
    const exporter = exporterTo(server.url, settings);
    await deliver(exporter, batchOf('default', random.traces(5, secondsAgoNs(60))));
    await exporter.shutdown();
    const receiver = await receiverOf({ ...settings, group_id: randomBytes(4).toString('hex') }, dir);
    await eventually(async () => assert.equal((await receiver.frames()).reduce((sum, { items }) => sum + items, 0), 5), 60_000);
    await eventually(async () => assert.match(await Promise.resolve(receiver.metrics.expose()), /signalbox_receiver_refused_requests_total\{[^}]*reason="forbidden"[^}]*\} [1-9]/), 20_000);
    await receiver.close();
  }));

  it('takes lines of text out of several topics and OTLP in JSON, with the times of their messages', () => withDirectory(async (dir) => {
    const [settings, { logs: { topic: other } }] = [await topics(), await topics()];
    const producer = new Producer({ clientId: 'test', bootstrapBrokers: [server.url] });
    const json = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [{ traceId: randomBytes(16).toString('hex'), spanId: randomBytes(8).toString('hex'), name: 'from JSON' }] }] }] });
    await producer.send({ messages: [...['one', 'zwei größe', '\xff'].map((text, i) => ({ topic: i === 1 ? other : settings.logs.topic, value: Buffer.from(text, text === '\xff' ? 'latin1' : 'utf8'), timestamp: 1_700_000_000_123n })), { topic: settings.traces.topic, value: Buffer.from(json) }], acks: -1 });
    await producer.close();
    const receiver = await receiverOf({ ...settings, logs: { topics: [settings.logs.topic, other], encoding: 'text' }, traces: { ...settings.traces, encoding: 'otlp_json' }, group_id: randomBytes(4).toString('hex') }, dir);
    // The topics are new: a producer sends again what went to partitions without a leader, and all that was sent with it.
    const linesOf = (frames: readonly Frame[]): string[] => [...new Set(frames.filter(({ signal }) => signal === 'logs')
      .flatMap(({ payload }) => decodeLogs(payload).resourceLogs[0]!.scopeLogs[0]!.logRecords).map(({ body, timeNs }) => `${JSON.stringify(body)} at ${timeNs}`))].sort();
    await eventually(async () => {
      const frames = await receiver.frames();
      assert.deepEqual(linesOf(frames), ['"one" at 1700000000123000000', '"zwei größe" at 1700000000123000000']);
      assert.ok(frames.some(({ signal }) => signal === 'traces'));
    }, 60_000);
    const frames = await receiver.frames();
    assert.equal(decodeTraces(frames.find(({ signal }) => signal === 'traces')!.payload).resourceSpans[0]!.scopeSpans[0]!.spans[0]!.name, 'from JSON');
    await eventually(async () => assert.match(await Promise.resolve(receiver.metrics.expose()), /signalbox_receiver_refused_requests_total\{[^}]*reason="malformed"[^}]*\} [1-9]/), 20_000);
    await receiver.close();
  }));

  it('knows whether a message may have arrived, and delivers when the broker is back', async function () {
    requireOwnServer(this, 'kafka');
    const random = new RandomTelemetry();
    const down = exporterTo('127.0.0.1:1', await topics());
    const refused = await down.export(batchOf('default', random.logs(3, secondsAgoNs(60))), soon());
    assert.equal(refused.kind, 'retryable');
    assert.equal(refused.unknown, undefined, refused.reason);
    await down.shutdown();

    const proxy = await TcpProxy.start(`http://${server.url}`);
    // Brokers tell clients their own address, so the silence begins with the first question already.
    proxy.mode = 'swallow-answer';
    const silent = exporterTo(new URL(proxy.url).host, await topics());
    const lost = await silent.export(batchOf('default', random.logs(3, secondsAgoNs(60))), AbortSignal.timeout(1000));
    assert.equal(lost.kind, 'retryable');
    proxy.mode = 'pass';
    await deliver(silent, batchOf('default', random.logs(3, secondsAgoNs(60))));
    await silent.shutdown();
    await proxy.close();
  });
});
