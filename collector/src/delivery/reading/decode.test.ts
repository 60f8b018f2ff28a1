import assert from 'node:assert/strict';
import type { Frame } from '@signalbox/journal/frame';
import { countItems } from '@signalbox/signals/otlp/count';
import { encodeWriteV2 } from '@signalbox/signals/prometheus/remote-write/encode';
import type { WriteRequest } from '@signalbox/signals/prometheus/remote-write/types';
import { decodeFrame, FrameUndecodable } from './decode.js';

const WRITE: WriteRequest = {
  series: ['a', 'b'].map((name) => ({ labels: [['__name__', name]], timesMs: Float64Array.of(1000, 2000), values: Float64Array.of(1, 2), startsMs: null, histograms: [], exemplars: [], metadata: null })),
};

function frame(change: Partial<Frame> = {}): Frame {
  const payload = Buffer.from(encodeWriteV2(WRITE));
  return { signal: 'metrics', encoding: 'prometheus', tenant: 'default', items: 4, rejected: [], receivedNs: 1n, batchId: '', origin: '', position: 10, next: 20, payloadBytes: payload.length, payload, ...change };
}

describe('frames of Prometheus samples', () => {
  it('are decoded to samples, and to OTLP metrics when these are read', () => {
    const part = decodeFrame(frame());
    assert.ok(part.data.signal === 'metrics');
    assert.deepStrictEqual(part.data.prometheus?.series, WRITE.series);
    assert.equal(countItems(part.data.metrics), 4);
    assert.equal(part.data.metrics, part.data.metrics);
    assert.deepStrictEqual([part.items, [...part.ordinals]], [4, [0, 1, 2, 3]]);
  });

  it('are not taken when they are damaged or hold other than they say', () => {
    for (const bad of [frame({ items: 5 }), frame({ payload: Buffer.from([0x2a, 0x7f]) })]) {
      assert.throws(() => decodeFrame(bad), (error) => error instanceof FrameUndecodable && error.reason === 'undecodable');
    }
    assert.throws(() => decodeFrame(frame({ signal: 'logs' })), (error) => error instanceof FrameUndecodable && error.reason === 'unsupported_encoding');
  });
});
