import assert from 'node:assert/strict';
import { decodeExportResponse, decodeStatus, encodeExportResponse, encodeStatus, exportResponseJson, statusJson } from './response.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('otlp/response', () => {
  it('is empty where everything was taken', () => {
    assert.equal(hex(encodeExportResponse('traces')), '');
    assert.deepEqual(exportResponseJson('traces'), {});
    assert.equal(decodeExportResponse(new Uint8Array(0)), null);
  });

  it('tells of partial success', () => {
    // partial_success { rejected: 3, error_message: "no" }
    assert.equal(hex(encodeExportResponse('logs', { rejected: 3, message: 'no' })), '0a06080312026e6f');
    assert.deepEqual(exportResponseJson('traces', { rejected: 3, message: 'no' }), { partialSuccess: { rejectedSpans: '3', errorMessage: 'no' } });
    assert.deepEqual(exportResponseJson('logs', { rejected: 3, message: '' }), { partialSuccess: { rejectedLogRecords: '3' } });
    assert.deepEqual(exportResponseJson('metrics', { rejected: 0, message: 'slow down' }), { partialSuccess: { errorMessage: 'slow down' } });
    const partial = { rejected: 70_000, message: 'trace_id is all zeros – ünïcode' };
    assert.deepEqual(decodeExportResponse(encodeExportResponse('traces', partial)), partial);
  });

  it('writes google.rpc.Status with RetryInfo', () => {
    const status = encodeStatus(8, 'full', 1500);
    // code 8, message "full", details { type_url, value { retry_delay { seconds 1, nanos 500000000 } } }
    const info = Buffer.from('type.googleapis.com/google.rpc.RetryInfo').toString('hex');
    assert.equal(hex(status), `0808120466756c6c1a360a28${info}120a0a0808011080cab5ee01`);
    assert.deepEqual(decodeStatus(status), { code: 8, message: 'full', retryDelayMs: 1500 });
    assert.deepEqual(decodeStatus(encodeStatus(14, 'later', 0)), { code: 14, message: 'later', retryDelayMs: 0 });
    assert.deepEqual(decodeStatus(encodeStatus(3, 'bad')), { code: 3, message: 'bad', retryDelayMs: null });
    assert.deepEqual(statusJson(8, 'full', 1500), {
      code: 8, message: 'full', details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '1.5s' }],
    });
    assert.deepEqual(statusJson(3, 'bad'), { code: 3, message: 'bad' });
  });
});
