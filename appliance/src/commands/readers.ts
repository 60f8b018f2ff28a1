import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { forgottenReaders, removeReader } from '@signalbox/collector/delivery/accounting/forgotten';
import { readLedger } from '@signalbox/journal/ledger';
import { ApplianceError } from '../errors.js';
import { dataPaths } from '../roles/paths.js';
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
  if (!(await removeReader({ config, journalDir, dataDir, reader }))) {
    const forgotten = await forgottenReaders(config, journalDir);
    throw new ApplianceError('SBX_DELIVERY_UNKNOWN_READER', `no reader is called '${reader}'; ${forgotten.length === 0 ? 'every reader that there is is configured' : `not configured are: ${forgotten.join(', ')}`}`);
  }
  process.stdout.write(options.json ? `${JSON.stringify({ forgotten: reader })}\n` : `${reader} is forgotten; the journal recycles what it kept for it.\n`);
}

function open({ config: configFile, data }: ReadersOptions) {
  const dataDir = resolve(data);
  const journalDir = dataPaths(dataDir).journal;
  if (!existsSync(journalDir)) throw new ApplianceError('SBX_LEDGER_NO_JOURNAL', `${journalDir} does not exist; give the appliance's data directory with --data or SIGNALBOX_DATA`);
  return { config: settle({ configFile, dataDir, env: process.env }).config, journalDir, dataDir };
}
