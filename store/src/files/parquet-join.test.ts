import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { copyToParquet } from '../duckdb/parquet.js';
import { literal } from '../duckdb/sql.js';
import { CompactError } from './compact-protocol.js';
import { canJoin, joinParquet, readParquetSource, type ParquetSource } from './parquet-join.js';
import { decodeFooter, encodeFooter, movedGroups } from './parquet-footer.js';

const GROUP = 4096;
const never = new AbortController().signal;

/** Rows with every type that files have, nulls, few values (a dictionary with a bloom filter) and many. */
function rows(from: number, count: number): string {
  return `SELECT i, md5(i::VARCHAR)::UUID AS trace_id, (i * 7919)::UBIGINT AS start_ns, CASE WHEN i % 3 = 0 THEN NULL ELSE i::UBIGINT END AS parent,
    'service-' || (i % 5) AS service, '{"n":' || i || ',"text":"' || repeat('ä', (i % 40)::INTEGER) || '"}' AS attributes, NULL::VARCHAR AS events,
    (i % 4)::INTEGER AS kind, (i % 2)::UINTEGER AS flags FROM range(${from}, ${from + count}) t(i)`;
}

describe('joining Parquet files', () => {
  let dir: string;
  let instance: DuckDBInstance;
  let connection: DuckDBConnection;

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'signalbox-join-'));
    instance = await DuckDBInstance.create(':memory:', { threads: '1' });
    connection = await instance.connect();
  });

  after(async () => {
    connection.closeSync();
    instance.closeSync();
    await rm(dir, { recursive: true });
  });

  const all = async (sql: string): Promise<unknown[][]> => (await connection.runAndReadAll(sql)).getRowsJson();

  async function source(name: string, query: string): Promise<ParquetSource> {
    const path = join(dir, name);
    await copyToParquet(connection, query, path);
    const read = await readParquetSource(path);
    assert.ok(read);
    return read;
  }

  it('keeps every row, its place, and what row groups say about themselves', async () => {
    const counts = [GROUP * 3 + 100, 7, GROUP, GROUP * 20 + 1];
    const sources: ParquetSource[] = [];
    let total = 0;
    for (const [i, count] of counts.entries()) {
      sources.push(await source(`part${i}.parquet`, rows(total, count)));
      total += count;
    }
    assert.deepEqual(sources.map(({ footer }) => footer.groupRows), [[GROUP, GROUP, GROUP, 100], [7], [GROUP], [...Array.from({ length: 20 }, () => GROUP), 1]]);
    const path = join(dir, 'joined.parquet');
    const bytes = await joinParquet(sources, path, never);
    assert.equal(bytes, (await stat(path)).size);
    const joined = literal(path);
    assert.deepEqual(await all(`SELECT count(*)::INTEGER, count(*) FILTER (i = file_row_number)::INTEGER FROM read_parquet(${joined}, file_row_number = true)`), [[total, total]]);
    assert.deepEqual(await all(`(SELECT * FROM ${joined} EXCEPT (${rows(0, total)})) UNION ALL ((${rows(0, total)}) EXCEPT SELECT * FROM ${joined})`), []);
    // Statistics and bloom filters leave out the right row groups, and only those.
    for (const value of [0, 99, GROUP * 3 + 100, GROUP * 4 + 200, total - 1]) {
      assert.deepEqual(await all(`SELECT i::INTEGER FROM ${joined} WHERE i = ${value}`), [[value]]);
      assert.deepEqual(await all(`SELECT i::INTEGER FROM ${joined} WHERE trace_id = md5('${value}')::UUID`), [[value]]);
    }
    assert.deepEqual(await all(`SELECT count(*)::INTEGER FROM ${joined} WHERE service = 'service-3'`), [[Math.ceil((total - 3) / 5)]]);
    assert.deepEqual(await all(`SELECT count(*)::INTEGER FROM ${joined} WHERE service = 'service-9'`), [[0]]);
    const metadata = (files: string): string => `SELECT path_in_schema, num_values, stats_min_value, stats_max_value, stats_null_count, compression, encodings, total_compressed_size, bloom_filter_length FROM parquet_metadata(${files})`;
    const before = await all(`${metadata(`[${sources.map((each) => literal(each.path)).join(', ')}]`)} ORDER BY ALL`);
    assert.deepEqual(await all(`${metadata(joined)} ORDER BY ALL`), before);
    const filters = await all(`SELECT count(*)::INTEGER FROM parquet_metadata(${joined}) WHERE bloom_filter_offset IS NOT NULL`);
    assert.ok(Number(filters[0][0]) > 0, 'the files have bloom filters');
    const excluded = (files: string): Promise<unknown[][]> => all(`SELECT count(*) FILTER (bloom_filter_excludes)::INTEGER FROM parquet_bloom_probe(${files}, 'service', 'service-9')`);
    assert.ok(Number((await excluded(joined))[0][0]) > 0);
    assert.deepEqual(await excluded(joined), await excluded(`[${sources.map((each) => literal(each.path)).join(', ')}]`));
  });

  it('can be joined again', async () => {
    const parts = [await source('a.parquet', rows(0, 5000)), await source('b.parquet', rows(5000, 5000))];
    const once = join(dir, 'once.parquet');
    await joinParquet(parts, once, never);
    const again = await readParquetSource(once);
    assert.ok(again);
    const twice = join(dir, 'twice.parquet');
    await joinParquet([again, await source('c.parquet', rows(10_000, 3))], twice, never);
    assert.deepEqual(await all(`SELECT i::INTEGER FROM ${literal(twice)}`), Array.from({ length: 10_003 }, (_, i) => [i]));
    assert.deepEqual((await readParquetSource(twice))?.footer.groupRows, [GROUP, 904, GROUP, 904, 3]);
  });

  it('is for files of the same columns whose row groups are mostly full', async () => {
    const full = await source('full.parquet', rows(0, GROUP * 8));
    assert.ok(canJoin([full, full], GROUP));
    assert.ok(canJoin([full, await source('rest.parquet', rows(0, GROUP * 8 + 100))], GROUP));
    const small = await source('small.parquet', rows(0, 100));
    assert.ok(!canJoin([small, small, small, small], GROUP));
    assert.ok(!canJoin([full, await source('other.parquet', `SELECT i AS j FROM (${rows(0, GROUP * 8)})`)], GROUP));
    assert.ok(!canJoin([full, await source('types.parquet', `SELECT * REPLACE (i::INTEGER AS i) FROM (${rows(0, GROUP * 8)})`)], GROUP));
  });

  it('takes no file for one that it is not', async () => {
    const whole = await readFile((await source('whole.parquet', rows(0, 50))).path);
    const path = join(dir, 'damaged.parquet');
    const read = async (bytes: Uint8Array): Promise<ParquetSource | null> => {
      await writeFile(path, bytes);
      return readParquetSource(path);
    };
    for (const bytes of [new Uint8Array(0), Buffer.from('PAR1'), Buffer.from('PAR1PAR1PAR1'), whole.subarray(0, whole.length - 1), Buffer.concat([whole, Buffer.from('x')])]) assert.equal(await read(bytes), null);
    const tooLong = Buffer.from(whole);
    tooLong.writeUInt32LE(whole.length, whole.length - 8);
    assert.equal(await read(tooLong), null);
  });

  it('reads a footer to an answer, whatever stands in it', async () => {
    const whole = await readFile((await source('footer.parquet', rows(0, 50))).path);
    const end = whole.length - 8;
    const footer = whole.subarray(end - whole.readUInt32LE(end), end);
    const tryOut = (bytes: Uint8Array): void => {
      try {
        movedGroups(decodeFooter(bytes), 1000, 1);
      } catch (error) {
        assert.ok(error instanceof CompactError, String(error));
      }
    };
    for (let at = 0; at < footer.length; at++) {
      tryOut(footer.subarray(0, at));
      for (const value of [0, 0x80, 0xff]) tryOut(Buffer.concat([footer.subarray(0, at), Uint8Array.of(value), footer.subarray(at + 1)]));
    }
    assert.deepEqual(encodeFooter(decodeFooter(footer)), footer);
  });

  it('ends when it is told to, and tells of a file that is cut off', async () => {
    const part = await source('part.parquet', rows(0, 50));
    await assert.rejects(joinParquet([part], join(dir, 'aborted.parquet'), AbortSignal.abort(new Error('enough'))), /enough/);
    await writeFile(part.path, (await readFile(part.path)).subarray(0, 20));
    await assert.rejects(joinParquet([part], join(dir, 'cut.parquet'), never), /ends before its footer/);
  });
});
