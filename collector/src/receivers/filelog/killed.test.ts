import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bodiesOf, numbered, removeRoot, startTail, temporaryRoot, waitFor } from './fixture.test.js';

/** This file is also the program that is killed: it tails until then. */
const ROOT = process.env['SIGNALBOX_TEST_TAIL_ROOT'];
if (ROOT !== undefined) {
  await startTail({ root: ROOT });
  process.stdout.write('ready\n');
} else {
  describe('receivers/filelog, killed', () => {
    it('has every line once after kills at any moment, while files grow and rotate', async () => {
      const root = await temporaryRoot();
      const app = join(root, 'logs/app.log');
      await writeFile(app, '');
      let written = 0;
      const write = async (count: number): Promise<void> => {
        await appendFile(app, numbered(written, count, 200).map((line) => `${line}\n`).join(''));
        written += count;
      };
      try {
        for (let round = 0; round < 5; round++) {
          await write(4000);
          const child = spawn(process.execPath, ['--import', 'tsx', '--conditions=source', fileURLToPath(import.meta.url)], { env: { ...process.env, SIGNALBOX_TEST_TAIL_ROOT: root }, stdio: ['ignore', 'pipe', 'inherit'] });
          const gone = once(child, 'exit');
          await Promise.race([once(child.stdout, 'data'), gone]);
          for (let i = 0; i < round; i++) await write(3000);
          if (round === 3) {
            await rename(app, `${app}.1`);
            await write(10);
          }
          child.kill('SIGKILL');
          await gone;
          await write(100);
        }
        const tail = await startTail({ root });
        await waitFor(async () => new Set(await bodiesOf(root)).size >= written, async () => `${new Set(await bodiesOf(root)).size} of ${written}`);
        await tail.stop();
        const bodies = await bodiesOf(root);
        assert.equal(bodies.length, written, 'repeated');
        assert.deepEqual([...bodies].sort(), numbered(0, written, 200).sort());
      } finally {
        await removeRoot(root);
      }
    }).timeout(180_000);
  });
}
