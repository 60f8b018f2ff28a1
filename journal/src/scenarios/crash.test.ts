import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { Cursor } from '../cursor.js';
import { child, exited, input, readDir, testScope } from '../testing/fixture.test.js';
import { Journal } from '../journal.js';
import { readLedger } from '../ledger.js';
import { JournalReader } from '../reader.js';

/** Gathers the numbers that the child acknowledged; only whole lines count. */
function acknowledgements(from: ChildProcess): { readonly numbers: number[]; readonly opened: Promise<void> } {
  const numbers: number[] = [];
  let rest = '';
  const opened = new Promise<void>((resolve) => {
    from.stdout!.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop()!;
      for (const line of lines) {
        if (line === 'open') resolve();
        else numbers.push(Number(line));
      }
    });
  });
  return { numbers, opened };
}

describe('A writer killed under load', function () {
  this.timeout(240_000);
  const scope = testScope();

  it('has every acknowledged frame, ten times over, and its ledger is balanced', async () => {
    const dir = scope.dir();
    const acknowledged = new Set<number>();
    const delivered = new Map<string, number>();
    let reader: JournalReader | null = null;
    let cursor: Cursor | null = null;
    const seen = new Set<number>();
    let next = 0;
    for (let round = 0; round < 10; round++) {
      const writer = child('./append-load.child.ts', [dir, String(round * 1_000_000)]);
      scope.defer(() => writer.kill('SIGKILL'));
      const { numbers, opened } = acknowledgements(writer);
      await opened;
      reader ??= await JournalReader.open(dir);
      cursor ??= await Cursor.open({ dir, reader: 'test', signals: ['traces'], from: 'beginning' });
      const killAt = performance.now() + 20 + Math.random() * 300;
      // Reads on while the writer is at it, as a reader in another process does.
      while (performance.now() < killAt || numbers.length < 20) {
        next = await follow(reader, cursor, next, seen, delivered);
        await sleep(5);
      }
      const ended = exited(writer);
      writer.kill('SIGKILL');
      await ended;
      await sleep(20); // the last of its output
      for (const number of numbers) acknowledged.add(number);
      const journal = await Journal.open({ dir, maxBytes: 256 << 20, segmentBytes: 512 << 10, minFreeShare: 0 });
      const last = numbers.at(-1);
      if (last !== undefined) assert.equal((await journal.append(input({ tenant: `tenant-${last % 3}`, batchId: `batch-${last}` }))).duplicate, true);
      await journal.close();
      while (next < reader.durable()) next = await follow(reader, cursor, next, seen, delivered);
      for (const number of acknowledged) assert.ok(seen.has(number), `acknowledged frame ${number} is missing in round ${round}`);
      const rows = await readLedger(dir);
      assert.ok(rows.every((row) => row.balanced && row.queued === 0), JSON.stringify(rows, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)));
    }
    assert.ok(acknowledged.size > 100, `${acknowledged.size} acknowledged`);
    assert.deepEqual((await readDir(dir)).lost, []);
    await cursor!.close();
    await reader!.close();
  });
});

async function follow(reader: JournalReader, cursor: Cursor, from: number, seen: Set<number>, delivered: Map<string, number>): Promise<number> {
  const { frames, next, evicted } = await reader.read(from, { maxBytes: 1 << 20, wants: () => true });
  assert.deepEqual(evicted.filter((each) => each.dropped?.['corrupt'] !== undefined), []);
  const changes = [...evicted];
  for (const frame of frames) {
    const number = frame.payload.readUInt32LE(0);
    assert.equal(frame.payload.length, 8 + ((number * 7919) % 30_000));
    assert.ok(frame.payload.subarray(4).every((byte) => byte === (number & 0xff)), `frame ${number} is not intact`);
    assert.ok(!seen.has(number), `frame ${number} came twice`);
    seen.add(number);
    delivered.set(frame.tenant, (delivered.get(frame.tenant) ?? 0) + frame.items);
    changes.push({ tenant: frame.tenant, signal: frame.signal, delivered: frame.items });
  }
  if (next > from) await cursor.commit({ position: next, changes });
  return next;
}
