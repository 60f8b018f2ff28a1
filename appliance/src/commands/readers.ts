import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { nearestName } from '@signalbox/collector/config/nearest';
import { forgottenReaders, removeReader } from '@signalbox/collector/delivery/accounting/forgotten';
import { readLedger } from '@signalbox/journal/ledger';
import { ApplianceError } from '../errors.js';
import { dataPaths } from '../roles/paths.js';
import type { Configuration } from '../settings/configuration.js';
import { settle } from '../settings/settle.js';
import { table } from './table.js';

export interface ReadersOptions {
  readonly config?: string;
  readonly data: string;
  readonly json?: boolean;
}

/** Every reader of the journal, how far behind it is, and whether the configuration still has it. */
export async function list(options: ReadersOptions): Promise<void> {
  const { config, journalDir } = open(options);
  const forgotten = new Set(await forgottenReaders(config, journalDir));
  const lag = new Map<string, { bytes: number; items: number }>();
  for (const { reader, lagBytes, queued } of await readLedger(journalDir)) {
    const before = lag.get(reader) ?? { bytes: 0, items: 0 };
    lag.set(reader, { bytes: Math.max(before.bytes, lagBytes), items: before.items + queued });
  }
  const rows = [...new Set([...lag.keys(), ...forgotten])].sort().map((reader) => ({ reader, configured: !forgotten.has(reader), queued: lag.get(reader)?.items ?? 0, lagBytes: lag.get(reader)?.bytes ?? 0 }));
  if (options.json) return void process.stdout.write(`${JSON.stringify({ readers: rows }, null, 2)}\n`);
  process.stdout.write(table(['reader', 'configured', 'queued items', 'bytes behind'], rows.map((row) => [row.reader, row.configured ? 'yes' : 'no', row.queued, row.lagBytes])));
  if (forgotten.size > 0) process.stdout.write('\nThe journal keeps data for readers that are not configured, up to its cap. `signalbox readers forget NAME` lets it go.\n');
}

/** Lets go of what the journal keeps for a reader that is not configured any more. */
export async function forget(reader: string, options: ReadersOptions): Promise<void> {
  const { config, journalDir, dataDir } = open(options);
  if (!(await removeReader({ config, journalDir, dataDir, reader }))) throw await unknownReader(reader, config, journalDir);
  process.stdout.write(options.json ? `${JSON.stringify({ forgotten: reader })}\n` : `${reader} is forgotten; the journal recycles what it kept for it.\n`);
}

async function unknownReader(reader: string, config: Configuration, journalDir: string): Promise<ApplianceError> {
  const forgotten = await forgottenReaders(config, journalDir);
  const configured = [...new Set((await readLedger(journalDir)).map((row) => row.reader))].filter((name) => !forgotten.includes(name));
  if (configured.includes(reader)) return new ApplianceError('SBX_DELIVERY_CONFIGURED', `the reader '${reader}' is part of the appliance`, 'it cannot be forgotten');
  const near = nearestName(reader, forgotten);
  return new ApplianceError('SBX_DELIVERY_UNKNOWN_READER', `there is no reader '${reader}'${near === null ? '' : ` (did you mean '${near}'?)`}`, forgotten.length === 0
    ? `none can be forgotten, since all that have a place in the journal are configured${configured.length === 0 ? '' : `: ${configured.join(', ')}`}`
    : `these can be forgotten: ${forgotten.join(', ')}`);
}

function open({ config: configFile, data }: ReadersOptions) {
  const dataDir = resolve(data);
  const journalDir = dataPaths(dataDir).journal;
  if (!existsSync(journalDir)) throw new ApplianceError('SBX_LEDGER_NO_JOURNAL', `${journalDir} does not exist; give the appliance's data directory with --data or SIGNALBOX_DATA`);
  return { config: settle({ configFile, dataDir, env: process.env }).config, journalDir, dataDir };
}
