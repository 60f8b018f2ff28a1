import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { IndexDamaged, IndexReader } from './index-reader.js';
import { IndexSpace, writeIndex } from './index-writer.js';
import { BLOCK_BYTES, BLOCK_ROWS_BYTES, HEADER_BYTES, withoutChecksum, writeChecksum } from './layout.js';
import { BlockSource, MergedTerms } from './term-merge.js';

describe('index files', () => {
  let dir: string;
  before(async () => { dir = await mkdtemp(join(tmpdir(), 'signalbox-index-')); });
  after(() => rm(dir, { recursive: true }));

  async function write(name: string, rows: readonly number[]): Promise<string> {
    const path = join(dir, name);
    await writeIndex(path, {
      blockRows: 100,
      blocks: rows.map((count, i) => ({ rows: count, minNs: BigInt(i), maxNs: BigInt(i + 1) })),
      terms: new MergedTerms(rows.map((_, i) => new BlockSource(Uint32Array.of(7, 100 + i), i))),
      names: { tenants: {} },
    }, new IndexSpace(), new AbortController().signal);
    return path;
  }

  async function reading<T>(path: string, work: (index: IndexReader) => T): Promise<T> {
    const index = await IndexReader.open(path);
    try {
      return work(index);
    } finally {
      await index.close();
    }
  }

  it('say which rows their blocks have', async () => {
    await reading(await write('a.idx', [100, 30, 100, 1]), (index) => {
      assert.deepEqual([0, 1, 2, 3].map((block) => index.rowsOf(block)), [{ from: 0, to: 100 }, { from: 100, to: 130 }, { from: 130, to: 230 }, { from: 230, to: 231 }]);
      assert.equal(index.header.rows, 231);
      assert.deepEqual(index.blocksOf(7), [0, 1, 2, 3]);
      assert.deepEqual(index.blocksOf(102), [2]);
    });
  });

  it('of version 1 have full blocks but for the last one', async () => {
    const bytes = await readFile(await write('b.idx', [100, 100, 31]));
    const head = Buffer.from(bytes.subarray(0, HEADER_BYTES));
    head.writeUInt16LE(1, 6);
    const blocksEnd = HEADER_BYTES + 3 * BLOCK_BYTES;
    const rest = bytes.subarray(blocksEnd + 3 * BLOCK_ROWS_BYTES);
    const directory = rest.subarray(0, head.readUInt32LE(20) * 8);
    writeChecksum(head, crc32(directory, crc32(bytes.subarray(HEADER_BYTES, blocksEnd), crc32(withoutChecksum(head)))));
    const path = join(dir, 'old.idx');
    await writeFile(path, Buffer.concat([head, bytes.subarray(HEADER_BYTES, blocksEnd), rest]));
    await reading(path, (index) => {
      assert.deepEqual([...index.starts], [0, 100, 200, 231]);
      assert.deepEqual([...index.times], [0n, 1n, 1n, 2n, 2n, 3n]);
      assert.deepEqual(index.blocksOf(102), [2]);
    });
  });

  it('of a later version, or with blocks that do not hold the rows, are not read', async () => {
    const bytes = await readFile(await write('c.idx', [5]));
    const changed = async (at: number, value: number): Promise<string> => {
      const copy = Buffer.from(bytes);
      copy[at] = value;
      const head = copy.subarray(0, HEADER_BYTES);
      const tables = copy.subarray(HEADER_BYTES, HEADER_BYTES + BLOCK_BYTES + BLOCK_ROWS_BYTES + 8);
      writeChecksum(head, crc32(tables, crc32(withoutChecksum(head))));
      const path = join(dir, 'changed.idx');
      await writeFile(path, copy);
      return path;
    };
    await assert.rejects(IndexReader.open(await changed(6, 3)), IndexDamaged);
    await assert.rejects(IndexReader.open(await changed(HEADER_BYTES + BLOCK_BYTES, 6)), IndexDamaged);
    await reading(await changed(HEADER_BYTES + BLOCK_BYTES, 5), (index) => assert.equal(index.header.rows, 5));
  });
});
