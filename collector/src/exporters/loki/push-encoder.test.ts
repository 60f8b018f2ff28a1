import { strict as assert } from 'node:assert';
import { uncompressSync } from 'snappy';
import { LokiTranslator, type LokiOptions } from '@signalbox/signals/loki/stream';
import type { Batch } from '../../component.js';
import { selectItems } from '../../delivery/reading/select.js';
import { logItems } from '../items.js';
import { batchOf } from '../testing/context.js';
import { Random, randomLogs } from '../testing/random-logs.js';
import { LineContexts } from './line-contexts.js';
import { PushEncoder } from './push-encoder.js';
import { PushEntries } from './push-entries.js';
import { pushedEntries, type PushedEntry } from './testing/pushed-entries.js';

/** What the translator of single records makes of a batch, by item. */
function translated(batch: Batch, options: LokiOptions): PushedEntry[] {
  const translator = new LokiTranslator(options);
  return [...logItems(batch)].map(({ resource, scope, record: of, part }) => {
    const { stream, timeNs, line, structuredMetadata } = translator.translate(resource, scope, of, part.receivedNs);
    const labels = `{${Object.entries(stream).map(([name, text]) => `${name}=${JSON.stringify(text)}`).join(', ')}}`;
    return { labels, timeNs, line, metadata: structuredMetadata };
  });
}

/** All that the requests for a batch bring, by item. */
function pushed(batch: Batch, encoder: PushEncoder, contexts: LineContexts, maxBytes: number): { entries: PushedEntry[]; bodies: Buffer[] } {
  const found: PushedEntry[] = [];
  const bodies: Buffer[] = [];
  const entries = new PushEntries(batch, contexts);
  for (const row of entries.byStream()) {
    for (let left = row; left.length > 0; ) {
      const { body, taken } = encoder.encode(entries, left, maxBytes);
      const plain = uncompressSync(body) as Buffer;
      bodies.push(plain);
      pushedEntries(plain).forEach((entry, i) => (found[left[i]!] = entry));
      left = left.subarray(taken);
    }
  }
  return { entries: found, bodies };
}

describe('exporters/loki: what a push says', () => {
  const seed = Number(process.env['SIGNALBOX_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

  for (const [what, options, maxBytes] of [['by default', {}, 1 << 20], ['in small requests', {}, 3000], ['with labels of choice', { labels: { of: ['a.b', 'a'] }, severity: false }, 1 << 20]] as const) {
    it(`is what the translator of single records makes of them, ${what}`, () => {
      const contexts = new LineContexts(options);
      const encoder = new PushEncoder(contexts);
      for (let round = 0; round < 60; round++) {
        const random = new Random(seed + round);
        const batch = batchOf('default', ...Array.from({ length: 1 + random.below(4) }, () => randomLogs(random, 30)));
        const { entries, bodies } = pushed(batch, encoder, contexts, maxBytes);
        const expected = translated(batch, options);
        assert.equal(entries.length, expected.length, `seed ${seed + round}`);
        expected.forEach((entry, item) => assert.deepEqual(entries[item], entry, `seed ${seed + round}, item ${item}`));
        for (const body of bodies) assert.ok(body.length <= maxBytes || pushedEntries(body).length === 1, `seed ${seed + round}: ${body.length} bytes`);
      }
    });
  }

  it('is the same of some of the items', () => {
    const contexts = new LineContexts({});
    const encoder = new PushEncoder(contexts);
    for (let round = 0; round < 40; round++) {
      const random = new Random(seed + round);
      const whole = batchOf('default', randomLogs(random, 30), randomLogs(random, 30), randomLogs(random, 30));
      const kept = Array.from({ length: whole.items }, (_, item) => item).filter(() => random.often(0.5));
      const batch = selectItems(whole, kept);
      assert.deepEqual(pushed(batch, encoder, contexts, 1 << 20).entries, translated(batch, {}), `seed ${seed + round}`);
    }
  });
});
