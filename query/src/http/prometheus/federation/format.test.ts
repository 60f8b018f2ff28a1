import assert from 'node:assert/strict';
import { negotiateFormat } from './format.js';

const PROTOBUF = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily';

describe('formats of federation', () => {
  const cases: readonly [accept: string, kind: string, escaping: string][] = [
    ['', 'text', 'underscores'],
    ['*/*', 'text', 'underscores'],
    ['text/plain;version=0.0.4;escaping=dots', 'text', 'dots'],
    [`${PROTOBUF};encoding=delimited`, 'delimited', 'underscores'],
    [`text/plain;version=0.0.4;q=0.5,${PROTOBUF};encoding=delimited;escaping=allow-utf-8;q=0.6`, 'delimited', 'allow-utf-8'],
    [`text/plain;version=0.0.4;q=0.9,${PROTOBUF};encoding=delimited;escaping=allow-utf-8;q=0.6`, 'text', 'underscores'],
    [`${PROTOBUF};encoding=text`, 'text', 'underscores'],
    ['application/vnd.google.protobuf;proto=other;encoding=delimited', 'text', 'underscores'],
    ['text/plain;version=1.0.0;escaping=values,application/openmetrics-text', 'text', 'values'],
    ['text/plain;escaping=nonsense', 'text', 'underscores'],
  ];
  for (const [accept, kind, escaping] of cases) {
    it(accept === '' ? 'without Accept' : accept, () => {
      const format = negotiateFormat(accept);
      assert.deepEqual([format.kind, format.escaping], [kind, escaping]);
      assert.ok(format.contentType.endsWith(`; escaping=${escaping}`));
    });
  }
});
