import assert from 'node:assert/strict';
import fc from 'fast-check';
import { logsData, metricsData, tracesData } from '../../../test-definitions/otlp-arbitraries.js';
import { field, keyValue, logRequest, spanRequest, uint } from '../../../test-definitions/protobuf-bytes.js';
import { KeyValueList } from '../../model/attributes.js';
import type { AnyValue, Attributes } from '../../model/attributes.js';
import type { Signal } from '../../model/signal.js';
import { decodeLogs, encodeLogs } from '../protobuf/logs.js';
import { decodeMetrics, encodeMetrics } from '../protobuf/metrics.js';
import { decodeTraces, encodeTraces } from '../protobuf/traces.js';
import { scanRequest } from '../scan.js';
import { coverPassword } from './embedded-password.js';
import { DEFAULT_SECRET_KEYS, SecretKeys } from './secret-keys.js';

const secrets = new SecretKeys();

const stars = (text: string): string => '*'.repeat(Buffer.byteLength(text));

/** What is expected, by other means: the decoded model with the values of secret keys replaced. */
function redacted(value: unknown, secretKeys: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((item) => redacted(item, secretKeys));
  if (value instanceof KeyValueList) return new KeyValueList(redacted(value.entries, secretKeys) as Attributes);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  const object = value as Record<string, unknown>;
  if ('key' in object && 'value' in object && secretKeys.has(String(object.key).toLowerCase())) {
    return { key: object.key, value: covered(object.value as AnyValue) };
  }
  return Object.fromEntries(Object.entries(object).map(([key, item]) => [key, redacted(item, secretKeys)]));
}

function covered(value: AnyValue): AnyValue {
  if (typeof value === 'string') return stars(value);
  if (value instanceof Uint8Array) return new Uint8Array(value.length).fill(0x2a);
  if (value instanceof KeyValueList) return new KeyValueList(value.entries.map((entry) => ({ key: entry.key, value: covered(entry.value) })));
  return Array.isArray(value) ? value.map(covered) : value;
}

/** Some string values of the message become those of secret keys by renaming keys at random. */
function withSecretKeys(value: unknown, names: readonly string[], pick: () => number): unknown {
  if (Array.isArray(value)) return value.map((item) => withSecretKeys(item, names, pick));
  if (value instanceof KeyValueList) return new KeyValueList(withSecretKeys(value.entries, names, pick) as Attributes);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  const object = value as Record<string, unknown>;
  const entries = Object.entries(object).map(([key, item]): [string, unknown] => [key, withSecretKeys(item, names, pick)]);
  const renamed = Object.fromEntries(entries);
  if ('key' in object && 'value' in object && pick() % 3 === 0) renamed.key = names[pick() % names.length];
  return renamed;
}

const CODECS: Readonly<Record<Signal, { data: fc.Arbitrary<object>; encode: (data: never) => Uint8Array; decode: (bytes: Uint8Array) => object }>> = {
  traces: { data: tracesData, encode: encodeTraces, decode: decodeTraces },
  logs: { data: logsData, encode: encodeLogs, decode: decodeLogs },
  metrics: { data: metricsData, encode: encodeMetrics, decode: decodeMetrics },
};

describe('secret attributes', () => {
  for (const signal of ['traces', 'logs', 'metrics'] as const) {
    it(`are overwritten wherever attributes stand, and nothing else is: ${signal}`, () => {
      const { data, encode, decode } = CODECS[signal];
      const keys = ['password', 'Authorization', 'HTTP.Request.Header.Cookie', 'x-api-key'];
      const scanKeys = new SecretKeys(keys, []);
      let changed = 0;
      fc.assert(fc.property(data, fc.infiniteStream(fc.nat({ max: 1000 })), (plain, stream) => {
        const message = withSecretKeys(plain, keys, () => stream.next().value ?? 0);
        const bytes = encode(message as never);
        const before = Buffer.from(bytes);
        scanRequest(signal, bytes, { secrets: scanKeys });
        assert.equal(bytes.length, before.length);
        for (let i = 0; i < bytes.length; i++) if (bytes[i] !== before[i]) assert.equal(bytes[i], 0x2a);
        assert.deepStrictEqual(decode(bytes), redacted(message, new Set(keys.map((key) => key.toLowerCase()))));
        if (!before.equals(bytes)) changed++;
      }), { numRuns: 300 });
      assert.ok(changed > 50, `secrets were there (${changed})`);
    });
  }

  it('are found by every default name, in either case', () => {
    for (const key of DEFAULT_SECRET_KEYS) {
      for (const name of [key, key.toUpperCase()]) {
        const bytes = spanRequest(keyValue(9, name, field(1, 's3cret')), keyValue(9, `${name}x`, field(1, 'shown1')), keyValue(9, `x${name}`, field(1, 'shown2')));
        scanRequest('traces', bytes, { secrets });
        const { attributes } = decodeTraces(bytes).resourceSpans[0].scopeSpans[0].spans[0];
        assert.deepEqual(attributes.map(({ value }) => value), ['******', 'shown1', 'shown2'], name);
      }
    }
  });

  it('are told from names that differ only where the case bit is', () => {
    // '@' and '`', '[' and '{' differ as 'A' and 'a' do, but are no letters.
    const keys = new SecretKeys(['a@[b'], []);
    const bytes = spanRequest(keyValue(9, 'A@[B', field(1, 'x')), keyValue(9, 'a`{b', field(1, 'y')));
    scanRequest('traces', bytes, { secrets: keys });
    assert.deepEqual(decodeTraces(bytes).resourceSpans[0].scopeSpans[0].spans[0].attributes.map(({ value }) => value), ['*', 'y']);
  });

  it('are overwritten where no usual encoder puts them', () => {
    const secret = field(1, 'secret!');
    const attribute = (bytes: Buffer): AnyValue => {
      scanRequest('traces', bytes, { secrets });
      return decodeTraces(bytes).resourceSpans[0].scopeSpans[0].spans[0].attributes[0].value;
    };
    const hidden = '*******';
    assert.equal(attribute(spanRequest(field(9, field(2, secret), field(1, 'password')))), hidden, 'the value before the key');
    assert.equal(attribute(spanRequest(field(9, field(1, 'a'), field(2, secret), field(1, 'password')))), hidden, 'a second key');
    assert.equal(attribute(spanRequest(field(9, field(1, 'password'), uint(77, 1), field(2, secret)))), hidden, 'an unknown field between');
    assert.equal(attribute(spanRequest(field(9, Buffer.of(0x8a, 0x00, 8), 'password', field(2, secret)))), hidden, 'a padded tag');
    assert.equal(attribute(spanRequest(field(9, field(1, 'password'), Buffer.of(0x12, 0x89, 0x00), secret))), hidden, 'a padded length');
    assert.equal(attribute(spanRequest(field(9, field(1, 'password'), field(2), field(2, secret)))), hidden, 'a value in parts');
    assert.equal(attribute(spanRequest(field(9, field(1, 'password'), field(2, secret, secret)))), hidden, 'a value set twice');
    assert.deepEqual(attribute(spanRequest(keyValue(9, 'password', field(5, field(1, secret), field(1, secret))))), [hidden, hidden], 'arrays');
    assert.deepEqual(attribute(spanRequest(keyValue(9, 'password', field(6, keyValue(1, 'a', secret))))), new KeyValueList([{ key: 'a', value: hidden }]), 'maps below');
    assert.equal(attribute(spanRequest(keyValue(9, 'password', uint(3, 12345)))), 12345n, 'numbers have no text to overwrite');
  });

  it('are overwritten in structured bodies and in items that are rejected', () => {
    const bytes = logRequest(field(9, 'bad'), field(5, field(6, keyValue(1, 'user', field(1, 'ann')), keyValue(1, 'password', field(1, 'hunter2')))));
    assert.equal(scanRequest('logs', bytes, { secrets }).rejected.length, 1);
    assert.deepEqual(decodeLogs(bytes).resourceLogs[0].scopeLogs[0].logRecords[0].body,
      new KeyValueList([{ key: 'user', value: 'ann' }, { key: 'password', value: '*******' }]));
  });

  it('have names of 1 to 255 bytes', () => {
    assert.throws(() => new SecretKeys(['']), /1 to 255 bytes, not 0/);
    assert.throws(() => new SecretKeys(['a'.repeat(256)]), /1 to 255 bytes, not 256/);
    assert.doesNotThrow(() => new SecretKeys(['a'.repeat(255)]));
  });
});

describe('passwords in URLs', () => {
  const covers: [text: string, covered: string][] = [
    ['https://user:hunter2@host/path?q=1', 'https://user:*******@host/path?q=1'],
    ['https://user:p@ss:w@host/', 'https://user:******@host/'],
    ['https://:token@host', 'https://:*****@host'],
    ['postgres://app:s3cret@db.local:5432/shop', 'postgres://app:******@db.local:5432/shop'],
    ['mongodb://u:p@a:27017,b:27017/db', 'mongodb://u:*@a:27017,b:27017/db'],
    ['from http://a:b@c/ to http://d:ef@g/', 'from http://a:*@c/ to http://d:**@g/'],
    ['https://host:8080/a@b', 'https://host:8080/a@b'],
    ['https://host/?u=x:y@z', 'https://host/?u=x:y@z'],
    ['https://host/#x:y@z', 'https://host/#x:y@z'],
    ['https://user@host/', 'https://user@host/'],
    ['https://user:@host/', 'https://user:@host/'],
    ['mailto:a:b@c', 'mailto:a:b@c'],
    ['Server=db;User Id=sa;Password=hunter2;Encrypt=true', 'Server=db;User Id=sa;Password=*******;Encrypt=true'],
    ['host=db password=\'a b;c\' user=x', 'host=db password=\'*****\' user=x'],
    ['jdbc:x://h/db?user=a&password=hunter2&ssl=1', 'jdbc:x://h/db?user=a&password=*******&ssl=1'],
    ['PWD=x', 'PWD=*'],
    ['password=', 'password='],
    ['password="', 'password="'],
    ['://', '://'],
    ['', ''],
  ];
  for (const [text, expected] of covers) {
    it(JSON.stringify(text), () => {
      for (const key of ['url.full', 'http.url', 'db.connection_string', 'url.original', 'URL.Full']) {
        const bytes = spanRequest(keyValue(9, key, field(1, text)), keyValue(9, 'other', field(1, text)), keyValue(9, key, field(5, field(1, field(1, text)))));
        scanRequest('traces', bytes, { secrets });
        const { attributes } = decodeTraces(bytes).resourceSpans[0].scopeSpans[0].spans[0];
        assert.deepEqual(attributes.map(({ value }) => value), [expected, text, [expected]]);
      }
    });
  }

  it('keep to the text that they are given', () => {
    fc.assert(fc.property(fc.string(), fc.string(), fc.string(), (before, text, after) => {
      const bytes = Buffer.from(before + text + after);
      const start = Buffer.byteLength(before);
      const end = start + Buffer.byteLength(text);
      coverPassword(bytes, start, end);
      assert.equal(bytes.subarray(0, start).toString(), before);
      assert.equal(bytes.subarray(end).toString(), after);
    }));
    const around = Buffer.from('password=secret://u:p@h');
    coverPassword(around, 0, 9);
    coverPassword(around, 9, 18);
    assert.equal(around.toString(), 'password=secret://u:p@h');
  });
});
