import { readFileSync, statSync } from 'node:fs';

/** A short text in a file, a token or a password, read again when the file has changed. Line breaks at its end are not part of it. */
export class WatchedText {
  private loaded: { readonly stamp: string; readonly text: string } | null = null;

  constructor(private readonly file: string) {}

  /** @throws the file system's error where the file cannot be read and was not before */
  read(): string {
    try {
      const { mtimeMs, size, ino } = statSync(this.file);
      const stamp = `${mtimeMs}:${size}:${ino}`;
      if (this.loaded?.stamp !== stamp) this.loaded = { stamp, text: readFileSync(this.file, 'utf8').replace(/[\r\n]+$/, '') };
    } catch (error) {
      if (this.loaded === null) throw error;
    }
    return this.loaded.text;
  }
}
