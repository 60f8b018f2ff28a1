import { writeSync } from 'node:fs';
import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { stateDirectory } from '../../derive/snapshot-file.js';

const DIGITS = 16;
const TEXT = /^([0-9a-f-]{36}) (\d{16})\n$/;

/**
 * How far a reader has begun to send: `<data directory>/deliver/<reader>/attempted` with the journal's uuid and a position of 16
 * digits. It is written before an attempt and not synced, so that it outlives the process (SIGKILL included) but not the machine.
 * Frames between the cursor and the mark may have arrived without anybody having booked it.
 */
export class AttemptMark {
  #position: number;

  private constructor(private readonly journalId: string, private readonly file: FileHandle, position: number) {
    this.#position = position;
  }

  /** @throws the file system's errors */
  static async open(dataDir: string, reader: string, journalId: string): Promise<AttemptMark> {
    const dir = stateDirectory(dataDir, reader);
    await mkdir(dir, { recursive: true });
    const path = join(dir, 'attempted');
    const file = await open(path, 'r+').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return open(path, 'wx+', 0o600);
      throw error;
    });
    const found = TEXT.exec(await file.readFile('utf8'));
    return new AttemptMark(journalId, file, found?.[1] === journalId ? Number(found[2]) : 0);
  }

  /** An attempt has begun with frames that end here, at most. */
  get position(): number {
    return this.#position;
  }

  /** It is written on return: a few bytes into the page cache, which is less work than to hand them to another thread. @throws the file system's errors */
  raise(position: number): void {
    if (position <= this.#position) return;
    this.#position = position;
    writeSync(this.file.fd, `${this.journalId} ${String(position).padStart(DIGITS, '0')}\n`, 0);
  }

  close(): Promise<void> {
    return this.file.close();
  }
}
