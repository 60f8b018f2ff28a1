import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LimitExceeded } from '@signalbox/query/readers';
import { DEFAULT_STORE_SETTINGS } from '../settings.js';
import { Database } from './database.js';

describe('the database that the store stands on', () => {
  let dir: string;
  let database: Database;
  before(async () => {
    dir = mkdtempSync(join(tmpdir(), 'signalbox-database-'));
    for (const name of ['store', 'store/tmp', 'beside']) mkdirSync(join(dir, name));
    writeFileSync(join(dir, 'beside/secret.csv'), 'a\n1\n');
    database = await Database.open(join(dir, 'store'), join(dir, 'store/tmp'), { ...DEFAULT_STORE_SETTINGS.duckdb, memoryLimitBytes: 64 * 2 ** 20 });
  });
  after(async () => {
    await database.close();
    rmSync(dir, { recursive: true });
  });

  const ask = (sql: string): Promise<unknown[]> => database.query(new AbortController().signal, sql, [], (row) => Number(row.bigint(0)));

  it('reads and writes below its own folder', async () => {
    const file = join(dir, 'store/numbers.parquet');
    await database.define(`COPY (SELECT 7 AS n) TO '${file}' (FORMAT parquet)`);
    assert.deepEqual(await ask(`SELECT n::BIGINT FROM '${file}'`), [7]);
  });

  for (const [what, sql] of [
    ['a file beside it', () => `SELECT * FROM read_csv('${dir}/beside/secret.csv')`],
    ['a file beside it, by a way around', () => `SELECT * FROM read_csv('${dir}/store/../beside/secret.csv')`],
    ['a file of the system', () => "SELECT * FROM read_text('/etc/passwd')"],
    ['the network', () => "SELECT * FROM read_csv('http://127.0.0.1:1/x.csv')"],
    ['another database', () => `ATTACH '${dir}/beside/other.duckdb'`],
    ['extensions', () => 'INSTALL httpfs'],
    ['extensions that lie there', () => `LOAD '${dir}/beside/x.duckdb_extension'`],
    ['a change of its limits', () => "SET memory_limit = '100GB'"],
    ['a change of what it may reach', () => 'SET enable_external_access = true'],
  ] as const) {
    it(`refuses ${what}`, async () => {
      await assert.rejects(ask(sql()), /Permission Error|Cannot change configuration|configuration has been locked|disabled/i);
    });
  }

  it('refuses to write beside its folder', async () => {
    await assert.rejects(database.define(`COPY (SELECT 7 AS n) TO '${dir}/beside/numbers.parquet' (FORMAT parquet)`), /Permission Error/);
  });

  it('takes no more memory than it is given', async () => {
    await assert.rejects(ask('SELECT list(range::VARCHAR || repeat(\'x\', 100)) FROM range(5000000)'), (error: unknown) => {
      assert.ok(error instanceof LimitExceeded, String(error));
      assert.equal(error.message, 'the query would take more than 67108864 bytes of memory; raise store.memory_limit or narrow it');
      return true;
    });
    assert.deepEqual(await ask('SELECT 1::BIGINT'), [1]);
  });
});
