import { unwatchFile, watchFile, type Stats } from 'node:fs';

/** How often the file is looked at. Events of the file system are missed by some of them, and by files that are links to others. */
const LOOK_EVERY_MS = 1000;

/** Tells when a configuration file was written or replaced. */
export class ConfigWatch {
  readonly #onChange: () => void;

  constructor(readonly file: string, onChange: () => void) {
    this.#onChange = onChange;
    watchFile(file, { interval: LOOK_EVERY_MS, persistent: false }, this.#look);
  }

  close(): void {
    unwatchFile(this.file, this.#look);
  }

  readonly #look = (now: Stats, before: Stats): void => {
    // A file that is being replaced is not there for a moment, and one that is being written is empty. Writes that follow at once may have one time.
    if (now.ino !== 0 && now.size !== 0 && (now.mtimeMs !== before.mtimeMs || now.ino !== before.ino || now.size !== before.size)) this.#onChange();
  };
}
