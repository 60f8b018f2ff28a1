import { join } from 'node:path';

/** Names in a journal's directory: `journal.json`, `position`, `lock.<n>`, `<sequence>.seg`, `cursors/<reader>.cursor`. */
export const identityPath = (dir: string): string => join(dir, 'journal.json');
export const positionPath = (dir: string): string => join(dir, 'position');
export const cursorsPath = (dir: string): string => join(dir, 'cursors');
export const segmentPath = (dir: string, sequence: number): string => join(dir, `${String(sequence).padStart(16, '0')}.seg`);

/** The sequence in a segment file's name, or null for other files. */
export function sequenceOf(name: string): number | null {
  return /^\d{16}\.seg$/.test(name) ? Number(name.slice(0, 16)) : null;
}
