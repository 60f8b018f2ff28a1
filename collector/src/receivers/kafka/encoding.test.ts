import assert from 'node:assert/strict';
import { KeyValueList } from '@signalbox/signals/model/attributes';
import { decodeLogs } from '@signalbox/signals/otlp/protobuf/logs';
import { decodeMetrics } from '@signalbox/signals/otlp/protobuf/metrics';
import { decodeTraces } from '@signalbox/signals/otlp/protobuf/traces';
import { detachedPlace } from '../../config/place.js';
import { parseKafkaReceiverConfig } from './config.js';
import { toRequest, type KafkaEncoding } from './encoding.js';

const times = { timeNs: 5_000_000n, observedNs: 7n };
const request = (signal: 'traces' | 'logs' | 'metrics', encoding: KafkaEncoding, value: string | Uint8Array, maxItems = 10): Uint8Array => toRequest(signal, encoding, Buffer.from(value as string), maxItems, times);
const recordOf = (encoding: KafkaEncoding, value: string | Uint8Array) => decodeLogs(request('logs', encoding, value)).resourceLogs[0]!.scopeLogs[0]!.logRecords[0]!;

describe('receivers/kafka/encoding', () => {
  it('makes a record of each message that is text, bytes or JSON', () => {
    assert.deepEqual([recordOf('text', 'größe').body, recordOf('text', 'x').timeNs, recordOf('text', 'x').observedTimeNs], ['größe', 5_000_000n, 7n]);
    assert.deepEqual(recordOf('raw', Uint8Array.of(255, 0)).body, Uint8Array.of(255, 0));
    assert.deepEqual(recordOf('json', '{"a":1,"b":{"c":"x"}}').body, new KeyValueList([{ key: 'a', value: 1n }, { key: 'b', value: new KeyValueList([{ key: 'c', value: 'x' }]) }]));
  });

  it('reads OTLP in JSON, and Zipkin', () => {
    assert.equal(decodeTraces(request('traces', 'otlp_json', '{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"5982fe77008310cc80f1da5e10147517","spanId":"67fae42571535f60","name":"n"}]}]}]}')).resourceSpans[0]!.scopeSpans[0]!.spans[0]!.name, 'n');
    assert.equal(recordOf('otlp_json', '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"b"}}]}]}]}').body, 'b');
    assert.equal(decodeMetrics(request('metrics', 'otlp_json', '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m","gauge":{"dataPoints":[{"asInt":"1"}]}}]}]}]}')).resourceMetrics[0]!.scopeMetrics[0]!.metrics[0]!.name, 'm');
    assert.equal(decodeTraces(request('traces', 'zipkin_json', '[{"traceId":"5982fe77008310cc","id":"67fae42571535f60","name":"z"}]')).resourceSpans[0]!.scopeSpans[0]!.spans[0]!.name, 'z');
    assert.equal(decodeTraces(request('traces', 'zipkin_proto', Buffer.from('0a170a0800000000000000011a0800000000000000022a017a', 'hex'))).resourceSpans[0]!.scopeSpans[0]!.spans[0]!.name, 'z');
  });

  for (const [signal, encoding, value, message] of [
    ['logs', 'text', Uint8Array.of(0xff), /not UTF-8/], ['logs', 'json', '[1]', /no JSON object/], ['logs', 'otlp_json', '{', /no JSON/], ['traces', 'otlp_json', '{"resourceSpans":1}', /resourceSpans/], ['traces', 'zipkin_json', '{}', /a list of spans/],
    ['traces', 'zipkin_json', JSON.stringify(Array(11).fill({})), /11 spans in one request/], ['traces', 'zipkin_proto', Uint8Array.of(0x0a, 9, 1), /./],
  ] as const) {
    it(`refuses what is no ${encoding}: ${message}`, () => assert.throws(() => request(signal, encoding, value), message));
  }

  it('is named in the configuration, for each signal those that it can be', () => {
    assert.equal(parseKafkaReceiverConfig({ logs: { encoding: 'text' } }, detachedPlace('(test)')).logs.encoding, 'text');
    assert.throws(() => parseKafkaReceiverConfig({ metrics: { encoding: 'text' } }, detachedPlace('(test)')), /otlp_proto/);
  });
});
