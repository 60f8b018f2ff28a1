import { rmSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import type { LoadedConfig } from '@signalbox/collector/config/loaded';
import type { FilelogConfig } from '@signalbox/collector/receivers/filelog/config';
import { filelog } from '@signalbox/collector/receivers/filelog/index';
import { processorsBehind, usedReceivers, type ConfiguredWays } from './configured.js';
import { fileBytes } from './file-line.js';
import { foreseeLine, lostNote, untracedNote, type Foreseen } from './foresee-line.js';
import { makeMarked, type Marked } from './marked.js';
import { placeFor } from './placement.js';
import type { WayIn } from './ways-in.js';

/** Whoever reads the folder may read it, as the appliance has to, which may run as another user. */
const FILE_MODE = 0o644;

/**
 * A marked line in a file of its own for each `filelog` receiver of a pipeline, where its patterns have room for one. The file is made
 * anew (never written over) and removed once the line was found or the time is over.
 */
export async function fileWays(config: LoadedConfig): Promise<ConfiguredWays> {
  const ways: WayIn[] = [];
  const notes: string[] = [];
  for (const receiver of usedReceivers(config, filelog.type)) {
    const settings = receiver.config as FilelogConfig;
    if (settings.encoding === 'nop') {
      notes.push(`${receiver.id} gets no line: it keeps bytes without reading them (encoding: nop)`);
      continue;
    }
    const place = await placeFor(settings, 'signalbox-verify');
    if ('reason' in place) {
      notes.push(`${receiver.id} gets no line: ${place.reason}`);
      continue;
    }
    const processors = processorsBehind(config, receiver.id);
    const lineFor = (marked: Marked): Foreseen => foreseeLine(settings, processors, marked);
    const foreseen = lineFor(makeMarked(BigInt(Date.now()) * 1_000_000n));
    if (foreseen === null) notes.push(lostNote(`${receiver.id} gets no line`));
    else {
      if (!foreseen.traced) notes.push(untracedNote(receiver.id));
      ways.push(wayThrough(receiver.id, settings, lineFor, foreseen.traced));
    }
  }
  return { ways, notes };
}

function wayThrough(receiver: string, settings: FilelogConfig, lineFor: (marked: Marked) => Foreseen, traced: boolean): WayIn {
  let written: string | null = null;
  const removeNow = (): void => {
    if (written !== null) rmSync(written, { force: true });
  };
  const interrupted = (signal: NodeJS.Signals): void => {
    removeNow();
    process.removeListener('SIGINT', interrupted).removeListener('SIGTERM', interrupted);
    process.kill(process.pid, signal);
  };
  return {
    name: `file (${receiver})`,
    signals: ['logs'],
    receiver,
    ownTenant: settings.tenant === 'default',
    untraced: !traced,
    async send(marked) {
      const place = await placeFor(settings, `signalbox-verify-${marked.marker.slice(0, 8)}`);
      if ('reason' in place) throw new Error(place.reason);
      const line = lineFor(marked)?.line ?? '';
      written = place.path;
      process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
      await writeFile(place.path, fileBytes(settings, line), { flag: 'wx', mode: FILE_MODE });
    },
    async done() {
      process.removeListener('SIGINT', interrupted).removeListener('SIGTERM', interrupted);
      if (written !== null) await rm(written, { force: true });
      written = null;
    },
  };
}
