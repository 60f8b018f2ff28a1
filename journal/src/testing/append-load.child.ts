/**
 * Run by tests: appends numbered frames as fast as it can and tells on stdout each number that was acknowledged.
 * Arguments: directory, first number.
 */
import { Journal } from '../journal.js';

const [dir, first] = process.argv.slice(2);
const journal = await Journal.open({ dir: dir!, maxBytes: 256 << 20, segmentBytes: 512 << 10, minFreeShare: 0, housekeepingMs: 20 });
let number = Number(first);
process.stdout.write('open\n');

async function sender(): Promise<never> {
  for (;;) {
    const mine = number++;
    const payload = Buffer.alloc(8 + ((mine * 7919) % 30_000), mine & 0xff);
    payload.writeUInt32LE(mine, 0);
    await journal.append({ signal: 'traces', encoding: 'otlp', tenant: `tenant-${mine % 3}`, items: 1 + (mine % 5), rejected: [], receivedNs: BigInt(Date.now()) * 1_000_000n, batchId: `batch-${mine}`, payload });
    process.stdout.write(`${mine}\n`);
  }
}

await Promise.all(Array.from({ length: 16 }, sender));
