import { strict as assert } from 'node:assert';
import { KeyValueList, type AnyValue, type Attributes } from '../model/attributes.js';
import type { LogRecord } from '../model/log-record.js';
import type { Resource, Scope } from '../model/resource.js';
import { STREAM_LABELS_ATTRIBUTE } from './named-labels.js';
import { severityLabel } from './severity.js';
import { toLoki } from './stream.js';

function record(fields: Partial<LogRecord>): LogRecord {
  return {
    timeNs: 0n, observedTimeNs: 0n, severityNumber: 0, severityText: '', body: null, attributes: [], droppedAttributesCount: 0,
    flags: 0, traceId: '', spanId: '', eventName: '', ...fields,
  };
}
const attributes = (of: Record<string, Attributes[number]['value']>): Attributes => Object.entries(of).map(([key, value]) => ({ key, value }));
const resource = (of: Record<string, Attributes[number]['value']>): Resource => ({ attributes: attributes(of), droppedAttributesCount: 0 });
const scope: Scope = { name: 'winston', version: '3', attributes: attributes({ 'scope.attr': 'x' }), droppedAttributesCount: 0 };

describe('loki/stream', () => {
  it('makes labels of a few resource attributes and the severity, sorted, and metadata of all the rest', () => {
    const entry = toLoki(
      resource({ 'service.name': 'shop', 'service.namespace': 'demo', 'deployment.environment.name': 'prod', 'host.name': 'h1' }),
      scope,
      record({
        timeNs: 5n, observedTimeNs: 6n, severityNumber: 17, severityText: 'ERROR', body: 'card refused',
        attributes: attributes({ 'http.route': '/pay', retries: 3n }), traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8), flags: 1, eventName: 'payment',
      }),
    );
    assert.deepEqual(Object.entries(entry.stream), [
      ['deployment_environment', 'prod'], ['service_name', 'shop'], ['service_namespace', 'demo'], ['severity', 'error'],
    ]);
    assert.equal(entry.timeNs, 5n);
    assert.equal(entry.line, 'card refused');
    assert.deepEqual(entry.structuredMetadata, {
      host_name: 'h1', scope_attr: 'x', scope_name: 'winston', scope_version: '3', http_route: '/pay', retries: '3',
      observed_timestamp: '6', severity_number: '17', severity_text: 'ERROR', flags: '1', event_name: 'payment',
      trace_id: 'ab'.repeat(16), span_id: 'cd'.repeat(8),
    });
  });

  it('always has a service_name', () => {
    assert.deepEqual(toLoki(null, null, record({})).stream, { service_name: 'unknown_service' });
    assert.deepEqual(toLoki(resource({ 'service.name': '' }), null, record({})).stream, { service_name: 'unknown_service' });
    assert.deepEqual(toLoki(resource({ 'service.name': 'a' }), null, record({}), { labels: { pod: ['k8s.pod.name'] } }).stream, { service_name: 'a' });
  });

  it('takes the attributes that an option names, in their order of preference', () => {
    const options = { labels: { env: ['deployment.environment.name', 'deployment.environment'] }, severity: false };
    const old = toLoki(resource({ 'deployment.environment': 'old' }), null, record({ severityNumber: 9 }), options);
    assert.deepEqual(old.stream, { env: 'old', service_name: 'unknown_service' });
    const both = toLoki(resource({ 'deployment.environment': 'old', 'deployment.environment.name': 'new' }), null, record({}), options);
    assert.equal(both.stream['env'], 'new');
    assert.deepEqual(both.structuredMetadata, { deployment_environment: 'old' });
  });

  it('writes bodies that are no text as JSON, and flattens nested attributes', () => {
    const body = new KeyValueList([{ key: 'msg', value: 'hi' }, { key: 'n', value: [1n, 2.5, true] }]);
    const nested = new KeyValueList([{ key: 'b.c', value: 1n }, { key: 'd', value: new KeyValueList([{ key: 'e', value: 'f' }]) }]);
    const entry = toLoki(null, null, record({ body, attributes: [{ key: 'a', value: nested }, { key: 'list', value: ['x', 1n] }] }));
    assert.equal(entry.line, '{"msg":"hi","n":[1,2.5,true]}');
    assert.deepEqual(entry.structuredMetadata, { a_b_c: '1', a_d_e: 'f', list: '["x",1]' });
  });

  it('lets the fields of the record win over attributes of the same name', () => {
    const entry = toLoki(
      resource({ colour: 'resource', 'trace.id': 'r' }),
      { ...scope, attributes: attributes({ colour: 'scope' }) },
      record({ attributes: attributes({ colour: 'record', trace_id: 'attribute' }), traceId: '0a'.repeat(16) }),
    );
    assert.equal(entry.structuredMetadata['colour'], 'record');
    assert.equal(entry.structuredMetadata['trace_id'], '0a'.repeat(16));
  });

  it('keeps names that objects have already', () => {
    const entry = toLoki(null, null, record({ attributes: [{ key: '__proto__', value: 'p' }, { key: 'constructor', value: 'c' }] }));
    assert.deepEqual(Object.entries(entry.structuredMetadata), [['__proto__', 'p'], ['constructor', 'c']]);
  });

  it('takes the labels that the resource names itself, and only what is left as metadata', () => {
    const named = (keys: AnyValue): Resource => ({ attributes: [...attributes({ 'service.name': 'shop', app: 'x', a__b: 'c', 'host.name': 'h' }), { key: STREAM_LABELS_ATTRIBUTE, value: keys }], droppedAttributesCount: 0 });
    const pushed = toLoki(named(['service.name', 'app', 'a__b', 'gone']), null, record({ severityNumber: 17, severityText: 'ERROR', attributes: attributes({ user: 'u' }) }), { labels: { host: ['host.name'] } });
    assert.deepEqual(Object.entries(pushed.stream), [['a__b', 'c'], ['app', 'x'], ['service_name', 'shop']]);
    assert.deepEqual(pushed.structuredMetadata, { host_name: 'h', user: 'u' });
    for (const none of ['app', [], ['gone'], [1n], Array.from({ length: 102 }, () => 'app')]) {
      const entry = toLoki(named(none), null, record({ severityNumber: 17 }));
      assert.deepEqual(entry.stream, { service_name: 'shop', severity: 'error' });
      assert.deepEqual(entry.structuredMetadata, { a_b: 'c', app: 'x', host_name: 'h', severity_number: '17' });
    }
  });

  it('takes the observed time where there is none, then the time received', () => {
    assert.equal(toLoki(null, null, record({ observedTimeNs: 7n })).timeNs, 7n);
    assert.equal(toLoki(null, null, record({ observedTimeNs: 7n })).structuredMetadata['observed_timestamp'], undefined);
    assert.equal(toLoki(null, null, record({}), { receivedNs: 8n }).timeNs, 8n);
  });
});

describe('loki/severity', () => {
  for (const [text, number, expected] of [
    ['', 0, null], ['', 1, 'trace'], ['', 4, 'trace'], ['', 5, 'debug'], ['', 9, 'info'], ['', 13, 'warn'], ['', 20, 'error'], ['', 24, 'fatal'],
    ['', 25, null], ['WARNING', 0, 'warn'], ['Error', 0, 'error'], ['INFO2', 0, 'info'], ['critical', 0, 'fatal'], ['verbose', 0, 'debug'],
    ['whatever', 0, null], ['info', 17, 'error'], ['toString', 0, null],
  ] as const) {
    it(`${JSON.stringify(text)} ${number} → ${expected}`, () => assert.equal(severityLabel(text, number), expected));
  }
});
