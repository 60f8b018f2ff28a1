import assert from 'node:assert/strict';
import { readSettings } from './settings.js';

describe('settings of the agent', () => {
  it('sends all signals over gRPC to 127.0.0.1:4317 where nothing is set', () => {
    const settings = readSettings({});
    for (const signal of ['traces', 'logs', 'metrics'] as const) {
      assert.deepEqual(settings.otlp[signal], { protocol: 'grpc', endpoint: 'http://127.0.0.1:4317', url: 'http://127.0.0.1:4317' });
      assert.deepEqual(settings.exporters[signal], ['otlp']);
    }
    assert.equal(settings.disabled, false);
    assert.equal(settings.metricIntervalMs, 10_000);
    assert.deepEqual(settings.spans, { maxQueueSize: 2048, maxExportBatchSize: 512, scheduledDelayMs: 1_000 });
    assert.deepEqual(settings.problems, []);
  });

  const endpoints: readonly [name: string, values: Record<string, string>, traces: { protocol: string; endpoint: string }][] = [
    ['a general endpoint', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4317' }, { protocol: 'grpc', endpoint: 'http://collector:4317' }],
    ['the port of OTLP over HTTP', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }, { protocol: 'http/protobuf', endpoint: 'http://collector:4318/v1/traces' }],
    ['a protocol that is named', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, { protocol: 'grpc', endpoint: 'http://collector:4318' }],
    [
      'the own endpoint of a signal before the general one',
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a:4317', OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://b:4318/x', OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json' },
      { protocol: 'http/json', endpoint: 'http://b:4318/x' },
    ],
    ['a host without a scheme', { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317' }, { protocol: 'grpc', endpoint: 'collector:4317' }],
    ['an endpoint with a password, which is not shown', { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://me:secret@collector:4317/?key=secret' }, { protocol: 'grpc', endpoint: 'https://collector:4317' }],
    ['blank text as unset', { OTEL_EXPORTER_OTLP_ENDPOINT: '  ' }, { protocol: 'grpc', endpoint: 'http://127.0.0.1:4317' }],
  ];
  for (const [name, values, traces] of endpoints) {
    it(`takes ${name}`, () => {
      const { protocol, endpoint } = readSettings(values).otlp.traces;
      assert.deepEqual({ protocol, endpoint }, traces);
    });
  }

  it('sends the token as a bearer, unless a header was set by hand, and never shows it', () => {
    assert.equal(readSettings({ SIGNALBOX_TOKEN: 'sbx_abc' }).otlp.logs.authorization, 'Bearer sbx_abc');
    assert.equal(readSettings({ SIGNALBOX_TOKEN: 'sbx_abc', OTEL_EXPORTER_OTLP_HEADERS: 'x=1, Authorization=Basic%20eA' }).otlp.logs.authorization, undefined);
    const broken = readSettings({ SIGNALBOX_TOKEN: 'sbx abc\u00e4' });
    assert.equal(broken.otlp.logs.authorization, undefined);
    assert.equal(broken.problems.length, 1);
    assert.doesNotMatch(broken.problems.join(), /abc/);
  });

  it('names each value that it does not understand, once, and uses the default', () => {
    const settings = readSettings({
      OTEL_BSP_MAX_QUEUE_SIZE: 'many',
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '0',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'carrier-pigeon',
      OTEL_TRACES_EXPORTER: 'zipkin',
      OTEL_LOG_LEVEL: 'loud',
    });
    assert.equal(settings.spans.maxQueueSize, 2048);
    assert.equal(settings.spans.maxExportBatchSize, 512);
    assert.equal(settings.otlp.traces.protocol, 'grpc');
    assert.deepEqual(settings.exporters.traces, []);
    assert.equal(settings.problems.length, 5);
    for (const name of ['OTEL_BSP_MAX_QUEUE_SIZE', 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 'OTEL_EXPORTER_OTLP_PROTOCOL', 'OTEL_TRACES_EXPORTER', 'OTEL_LOG_LEVEL']) {
      assert.equal(settings.problems.filter((problem) => problem.startsWith(name)).length, 1, name);
    }
  });

  it('turns a signal off, or adds the console', () => {
    assert.deepEqual(readSettings({ OTEL_TRACES_EXPORTER: 'none' }).exporters.traces, []);
    assert.deepEqual(readSettings({ OTEL_TRACES_EXPORTER: 'otlp,console' }).exporters.traces, ['otlp', 'console']);
    assert.equal(readSettings({ OTEL_SDK_DISABLED: 'TRUE' }).disabled, true);
    assert.equal(readSettings({ OTEL_SDK_DISABLED: '1' }).disabled, false);
    assert.equal(readSettings({ SIGNALBOX_AGENT_QUIET: '1' }).quiet, true);
  });

  it('keeps nothing on disk unless a directory is named', () => {
    assert.equal(readSettings({}).spool, null);
    assert.deepEqual(readSettings({ SIGNALBOX_AGENT_SPOOL_DIRECTORY: '/var/spool/shop' }).spool, { dir: '/var/spool/shop', maxBytes: 64 * 1024 ** 2, maxAgeMs: 86_400_000 });
    const small = readSettings({ SIGNALBOX_AGENT_SPOOL_DIRECTORY: '/var/spool/shop', SIGNALBOX_AGENT_SPOOL_MAX_BYTES: '1000', SIGNALBOX_AGENT_SPOOL_MAX_AGE_MS: '60000' });
    assert.deepEqual(small.spool, { dir: '/var/spool/shop', maxBytes: 64 * 1024 ** 2, maxAgeMs: 60_000 });
    assert.match(small.problems.join(), /SIGNALBOX_AGENT_SPOOL_MAX_BYTES is "1000"/);
  });

  it('keeps a batch within the queue and a time-out within the interval', () => {
    const settings = readSettings({ OTEL_BLRP_MAX_QUEUE_SIZE: '100', OTEL_METRIC_EXPORT_INTERVAL: '2000' });
    assert.equal(settings.logs.maxExportBatchSize, 100);
    assert.equal(settings.metricTimeoutMs, 2000);
  });
});
