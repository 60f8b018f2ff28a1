import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { JournalReader } from '@signalbox/journal/reader';
import { watch, type Usage } from '../measure/processes.js';
import { startReceiveProcess } from '../measure/receive-process.js';

const AT_MOST_MS = 180_000;

export async function until(reached: () => Promise<boolean>): Promise<void> {
  for (const begun = performance.now(); !(await reached());) {
    if (performance.now() - begun > AT_MOST_MS) throw new Error(`not all lines were read within ${AT_MOST_MS / 1000} s`);
    await sleep(100);
  }
}

/** Moves the file in when the process is ready, so that its start is not counted. */
export async function tailOurs(folder: string, lines: number, bringFile: () => void, settings?: Readonly<Record<string, string>>): Promise<{ usage: Usage; seconds: number; unparsed: number }> {
  const dataDir = join(folder, 'ours');
  mkdirSync(dataDir);
  const child = startReceiveProcess('tail-main.ts', dataDir, join(folder, 'logs/*.log'), ...(settings ? [JSON.stringify(settings)] : []));
  let said = '';
  child.stdout!.on('data', (chunk: Buffer) => { said += chunk.toString(); });
  await once(child.stdout!, 'data');
  const gone = once(child, 'exit');
  const reader = await JournalReader.open(join(dataDir, 'journal'));
  const watching = watch(child.pid!);
  const begun = performance.now();
  bringFile();
  let items = 0;
  let from = 0;
  await until(async () => {
    const { next } = await reader.read(from, { maxBytes: 1 << 30, wants: (header) => ((items += header.items), false) });
    from = next;
    return items >= lines;
  });
  const seconds = (performance.now() - begun) / 1000;
  const usage = watching.stop();
  await reader.close();
  child.kill('SIGTERM');
  await gone;
  if (items !== lines) throw new Error(`${items} records of ${lines} lines`);
  return { usage, seconds, unparsed: Number(/signalbox_filelog_unparsed_records_total\S* (\d+)/.exec(said)?.[1] ?? NaN) };
}
