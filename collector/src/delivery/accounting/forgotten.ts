import { Cursor } from '@signalbox/journal/cursor';
import type { LoadedConfig } from '../../config/loaded.js';
import { removeState } from '../../derive/snapshot-file.js';
import { DECIDES, pipelineGraph, READS } from '../../pipeline/graph.js';

/** Behind a reader's name: the cursor that holds the journal from the place of its processors' snapshot on. */
export const STATE_CURSOR_SUFFIX = '#state';

/** Readers that have a place in the journal and are not configured any more; the journal keeps data for them, up to its cap. */
export async function forgottenReaders(config: LoadedConfig, journalDir: string): Promise<readonly string[]> {
  const names = new Set(configuredReaders(config));
  const known = (await Cursor.list(journalDir)).filter((reader) => reader.includes(READS) || reader.includes(DECIDES)).map((reader) => (reader.endsWith(STATE_CURSOR_SUFFIX) ? reader.slice(0, -STATE_CURSOR_SUFFIX.length) : reader));
  return [...new Set(known)].filter((reader) => !names.has(reader));
}

function configuredReaders(config: LoadedConfig): readonly string[] {
  const { readers, connectors, samplers } = pipelineGraph(config);
  return [...readers, ...connectors, ...samplers].map(({ name }) => name);
}

export class ReaderConfigured extends Error {
  readonly code = 'SBX_DELIVERY_CONFIGURED';
  constructor(reader: string) {
    super(`the reader '${reader}' is configured, so its place is needed: take its pipeline or exporter out of the configuration first`);
    this.name = 'ReaderConfigured';
  }
}

/**
 * Forgets a reader: its place in the journal, its ledger and its state. Answers false when it has none.
 * @throws ReaderConfigured when the configuration still has it
 */
export async function removeReader(options: { readonly config: LoadedConfig; readonly journalDir: string; readonly dataDir: string; readonly reader: string }): Promise<boolean> {
  const { config, journalDir, dataDir, reader } = options;
  if (configuredReaders(config).includes(reader)) throw new ReaderConfigured(reader);
  if (!(await forgottenReaders(config, journalDir)).includes(reader)) return false;
  await Cursor.remove(journalDir, reader + STATE_CURSOR_SUFFIX);
  await Cursor.remove(journalDir, reader);
  await removeState(dataDir, reader);
  return true;
}
