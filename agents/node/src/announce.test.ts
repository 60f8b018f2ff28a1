import assert from 'node:assert/strict';
import { announcement } from './announce.js';
import { readSettings } from './settings/settings.js';

const LABELS = { traces: ['express', 'http'], logs: ['winston'], metrics: [] };

describe('the announcement', () => {
  for (const [name, environment, expected] of [
    ['one place for all', {}, 'tracing express, http; logs of winston as "orders" → http://127.0.0.1:4317 (grpc)'],
    ['HTTP without the paths', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318' }, 'tracing express, http; logs of winston as "orders" → http://c:4318 (http/protobuf)'],
    [
      'places that differ',
      { OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://logs:4317', OTEL_METRICS_EXPORTER: 'none' },
      'tracing express, http; logs of winston as "orders" → http://127.0.0.1:4317 (grpc) for traces; http://logs:4317 (grpc) for logs',
    ],
    ['exporters that are off', { OTEL_TRACES_EXPORTER: 'none' }, 'logs of winston as "orders" → http://127.0.0.1:4317 (grpc)'],
    ['nothing at all', { OTEL_TRACES_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none' }, 'nothing to instrument as "orders" → nowhere (all exporters are off)'],
  ] as const) {
    it(`names ${name}`, () => assert.equal(announcement(readSettings(environment), LABELS, 'orders'), expected));
  }
});
