import assert from 'node:assert/strict';
import fc from 'fast-check';
import { tracesToJson } from '@signalbox/signals/otlp/json/traces';
import { decodeTraces } from '@signalbox/signals/otlp/protobuf/traces';
import { countItems } from '@signalbox/signals/otlp/count';
import { span, startReceiver, traceRequest, traces, type Started } from './fixture.test.js';

/** A valid request with some of it changed, repeated, or cut off. */
function mutantsOf(valid: Buffer): fc.Arbitrary<Buffer> {
  const change = fc.record({ at: fc.nat(valid.length - 1), byte: fc.nat(255), kind: fc.constantFrom('set', 'cut', 'repeat', 'remove') });
  return fc.array(change, { minLength: 1, maxLength: 4 }).map((changes) =>
    changes.reduce<Buffer>((bytes, { at, byte, kind }) => {
      const place = bytes.length === 0 ? 0 : at % bytes.length;
      switch (kind) {
        case 'set':
          return Buffer.concat([bytes.subarray(0, place), Buffer.of(byte), bytes.subarray(place + 1)]);
        case 'cut':
          return bytes.subarray(0, place);
        case 'repeat':
          return Buffer.concat([bytes.subarray(0, place), bytes.subarray(Math.max(0, place - byte), place), bytes.subarray(place)]);
        default:
          return Buffer.concat([bytes.subarray(0, place), bytes.subarray(place + (byte % 32))]);
      }
    }, valid),
  );
}

describe('receivers/otlp under mutated requests', () => {
  let started: Started;
  beforeEach(async () => (started = await startReceiver()));
  afterEach(() => started.close());

  const send = async (body: Buffer, type: string): Promise<number> => {
    const response = await fetch(`${started.httpUrl}/v1/traces`, { method: 'POST', body: new Uint8Array(body), headers: { 'content-type': type } });
    await response.arrayBuffer();
    return response.status;
  };

  const forms: readonly (readonly [string, Buffer])[] = [
    ['application/x-protobuf', traceRequest(2)],
    ['application/json', Buffer.from(JSON.stringify(tracesToJson(traces([span(0), span(1)]))))],
  ];
  for (const [type, valid] of forms) {
    it(`answers each with 200 or 400, and keeps only what can be read again (${type})`, async () => {
      await fc.assert(
        fc.asyncProperty(mutantsOf(valid), async (body) => assert.ok([200, 400].includes(await send(body, type)))),
        { numRuns: 150 },
      );
      for (const frame of await started.frames()) assert.equal(countItems(decodeTraces(frame.payload, frame.rejected)), frame.items - frame.rejected.length);
      assert.ok(started.intake.take(64 * 2 ** 20), 'all of the budget is free again');
      assert.equal(started.lines.join(''), '');
    });
  }
});
