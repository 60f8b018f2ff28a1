import { rmSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import type { LoadedConfig } from '@signalbox/collector/config/loaded';
import type { FilelogConfig } from '@signalbox/collector/receivers/filelog/config';
import { filelog } from '@signalbox/collector/receivers/filelog/index';
import { fileBytes } from './file-line.js';
import { placeFor } from './placement.js';
import type { WayIn } from './ways-in.js';

export interface FileWays {
  readonly ways: readonly WayIn[];
  /** Receivers that get no line, and why. */
  readonly notes: readonly string[];
}

/** Whoever reads the folder may read it, as the appliance has to, which may run as another user. */
const FILE_MODE = 0o644;

/**
 * A marked line in a file of its own for each `filelog` receiver of a pipeline, where its patterns have room for one. The file is made
 * anew (never written over) and removed once the line was found or the time is over.
 */
export async function fileWays(config: LoadedConfig): Promise<FileWays> {
  const ways: WayIn[] = [];
  const notes: string[] = [];
  for (const receiver of config.receivers) {
    if (receiver.type !== filelog.type || !config.pipelines.some(({ receivers }) => receivers.includes(receiver.id))) continue;
    const settings = receiver.config as FilelogConfig;
    if (settings.encoding === 'nop') notes.push(`${receiver.id} gets no line: it keeps bytes without reading them (encoding: nop)`);
    else {
      const place = await placeFor(settings, 'signalbox-verify');
      if ('reason' in place) notes.push(`${receiver.id} gets no line: ${place.reason}`);
      else ways.push(wayThrough(receiver.id, settings));
    }
  }
  return { ways, notes };
}

function wayThrough(receiver: string, settings: FilelogConfig): WayIn {
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
    async send(marked) {
      const place = await placeFor(settings, `signalbox-verify-${marked.marker.slice(0, 8)}`);
      if ('reason' in place) throw new Error(place.reason);
      written = place.path;
      process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
      await writeFile(place.path, fileBytes(settings, marked), { flag: 'wx', mode: FILE_MODE });
    },
    async done() {
      process.removeListener('SIGINT', interrupted).removeListener('SIGTERM', interrupted);
      if (written !== null) await rm(written, { force: true });
      written = null;
    },
  };
}
