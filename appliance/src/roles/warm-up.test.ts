import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryReaders } from '@signalbox/query/memory/readers';
import { WarmUp } from './warm-up.js';

class Lines {
  readonly debugs: string[] = [];
  readonly problems: string[] = [];
  debug(message: string): void { this.debugs.push(message); }
  info(message: string): void { this.problems.push(message); }
  warn(message: string): void { this.problems.push(message); }
  error(message: string): void { this.problems.push(message); }
}

describe('the warm-up of queries', () => {
  let storeDir: string;
  let logger: Lines;
  beforeEach(async () => {
    storeDir = await mkdtemp(join(tmpdir(), 'signalbox-warm-up-'));
    await mkdir(join(storeDir, 'tmp'));
    logger = new Lines();
  });
  afterEach(() => rm(storeDir, { recursive: true, force: true }));

  it('comes to its end and leaves nothing behind', async () => {
    await new WarmUp({ storeDir, readers: new MemoryReaders(), hasSeries: () => true, logger, queries: ['warm_gauge', 'sum(rate(warm_total[5m]))', 'no query'], rounds: 2, afterMs: 0, pauseMs: 0 }).ended;
    assert.deepEqual([logger.debugs, logger.problems], [['queries are warmed up'], []]);
    assert.deepEqual(await readdir(join(storeDir, 'tmp')), []);
  });

  it('stops at once when it is told to', async () => {
    const waiting = new WarmUp({ storeDir, readers: new MemoryReaders(), hasSeries: () => true, logger, afterMs: 3_600_000 });
    await waiting.stop();
    const between = new WarmUp({ storeDir, readers: new MemoryReaders(), hasSeries: () => true, logger, afterMs: 0, pauseMs: 3_600_000 });
    while ((await readdir(join(storeDir, 'tmp'))).length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await between.stop();
    assert.deepEqual([logger.debugs, logger.problems], [[], []]);
    assert.deepEqual(await readdir(join(storeDir, 'tmp')), []);
  });

  it('waits for series', async () => {
    let looked = 0;
    let waiting: WarmUp | null = null;
    await new Promise<void>((resolve) => {
      waiting = new WarmUp({
        storeDir, readers: new MemoryReaders(), logger, queries: ['warm_gauge'], rounds: 1, afterMs: 0, pauseMs: 0,
        hasSeries: () => {
          if (++looked === 2) resolve();
          return looked > 1;
        },
      });
    });
    await (waiting as WarmUp | null)?.ended;
    assert.equal(looked, 2);
    assert.deepEqual(logger.debugs, ['queries are warmed up']);
  });

  it('says why it cannot run', async () => {
    await new WarmUp({ storeDir: join(storeDir, 'nowhere'), readers: new MemoryReaders(), hasSeries: () => true, logger, afterMs: 0 }).ended;
    assert.deepEqual(logger.problems, ['queries could not be warmed up; the first ones take longer']);
  });
});
