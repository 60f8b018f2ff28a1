import assert from 'node:assert/strict';
import { Cursor } from '@signalbox/journal/cursor';
import { createLogger } from '../../telemetry/logger.js';
import { createWorld, until, type World } from '../fixture.test.js';
import { LedgerCheck } from './ledger-check.js';

describe('delivery/ledger-check', () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld();
  });
  afterEach(() => world.close());

  it('is quiet while all rows balance, and tells of one that does not, once', async () => {
    const logger = createLogger({ stream: { write: (line) => void world.lines.push(line) } });
    const check = new LedgerCheck({ journalDir: world.dir, logger, metrics: world.metrics, everyMs: 5 });
    const cursor = await Cursor.open({ dir: world.dir, reader: 'wrong', signals: ['traces'], from: 'beginning' });
    await world.append(5);
    await until('it looked', () => /signalbox_ledger_unbalanced 0/.test(world.metrics.expose()));
    assert.deepEqual(world.lines, []);
    await cursor.commit({ position: world.journal.durable, changes: [{ tenant: 'default', signal: 'traces', delivered: 4 }] });
    await until('it saw', () => /signalbox_ledger_unbalanced 1/.test(world.metrics.expose()));
    await check.look();
    await check.look();
    assert.equal(world.lines.length, 1);
    assert.match(world.lines[0]!, /SBX_LEDGER_UNBALANCED/);
    assert.match(world.lines[0]!, /wrong/);
    await cursor.close();
    await check.stop();
  });
});
