import assert from 'node:assert/strict';
import type { Frame } from '@signalbox/journal/frame';
import { decodeTraces, encodeTraces } from '@signalbox/signals/otlp/protobuf/traces';
import { decodeFrame } from '../delivery/reading/decode.js';
import { isSampled, sampleFrame } from './sampled-frame.js';
import { spanOf, traceId } from './fixture.test.js';

function frameOf(payload: Uint8Array, items: number, rejected: readonly number[] = []): Frame {
  return {
    position: 64, next: 128, signal: 'traces', encoding: 'otlp', tenant: 'default', origin: 'otlp', items, payloadBytes: payload.length, receivedNs: 1n, rejected: [...rejected], batchId: '',
    payload: Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength),
  };
}

describe('sampling/sampled-frame', () => {
  const kept = (...traces: readonly number[]) => (bytes: Buffer, at: number): boolean => traces.includes(bytes.readUInt32BE(at + 12));
  const resource = (name: string) => ({ attributes: [{ key: 'service.name', value: name }], droppedAttributesCount: 0 });
  const scope = { name: 'lib', version: '1', attributes: [], droppedAttributesCount: 0 };

  it('leaves every other span as it was, under its ordinal', () => {
    let seed = 11;
    const random = (below: number): number => (seed = (seed * 48271) % 2147483647) % below;
    for (let round = 0; round < 100; round++) {
      const data = {
        resourceSpans: Array.from({ length: random(4) }, (_, r) => ({
          resource: random(3) === 0 ? null : resource(`s${r}`), schemaUrl: random(2) === 0 ? '' : 'https://example.test/schema',
          scopeSpans: Array.from({ length: random(3) }, () => ({ scope, schemaUrl: random(2) === 0 ? '' : 'u', spans: Array.from({ length: random(6) }, (_s, i) => spanOf(1 + random(4), { name: `span ${i}` })) })),
        })),
      };
      const spans = data.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans).flatMap((each) => each.spans);
      const rejected = spans.flatMap((_, i) => (random(5) === 0 ? [i] : []));
      const frame = frameOf(encodeTraces(data), spans.length, rejected);
      const sampled = sampleFrame(frame, 'traces', kept(1, 3));
      const wanted = spans.flatMap(({ traceId: id }, i) => (!rejected.includes(i) && [traceId(1), traceId(3)].includes(id) ? [i] : []));
      assert.equal(isSampled(sampled) ? sampled.sampling.notSampled : 0, spans.length - rejected.length - wanted.length);
      if (isSampled(sampled)) assert.deepEqual([sampled.sampling.whole.rejected, sampled.items], [rejected, spans.length]);
      if (wanted.length === 0 && isSampled(sampled)) continue;
      const part = decodeFrame(sampled);
      assert.deepEqual([...part.ordinals], wanted);
      assert.ok(part.data.signal === 'traces');
      assert.deepEqual(part.data.traces, decodeTraces(frame.payload, spans.map((_, i) => i).filter((i) => !wanted.includes(i))));
      assert.ok(sampled.payload.length <= frame.payload.length + 5 * 4 * 4);
      frame.payload.fill(0);
      assert.deepEqual(decodeFrame(sampled).data, part.data, 'it has memory of its own');
    }
  });

  it('leaves a frame that cannot be read to who decodes it', () => {
    const payload = encodeTraces({ resourceSpans: [{ resource: resource('a'), schemaUrl: '', scopeSpans: [{ scope, schemaUrl: '', spans: [spanOf(1), spanOf(2)] }] }] });
    const sampled = sampleFrame(frameOf(payload.subarray(0, payload.length - 3), 2), 'traces', kept());
    assert.equal(isSampled(sampled), false);
    assert.throws(() => decodeFrame(sampled));
  });
});
