import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { formatBytes } from '@signalbox/collector/config/bytes';
import { readLedger } from '@signalbox/journal/ledger';
import { readManifest, type RetainedOut } from '@signalbox/store/files/manifest';
import { ApplianceError, describeError } from '../errors.js';
import { ledgerJson } from '../http/ledger.js';
import { dataPaths } from '../roles/paths.js';
import { table } from './table.js';

export async function ledger(options: { data: string; json?: boolean }): Promise<void> {
  const { journal, store } = dataPaths(resolve(options.data));
  if (!existsSync(journal)) throw new ApplianceError('SBX_LEDGER_NO_JOURNAL', `${journal} does not exist; give the appliance's data directory with --data or SIGNALBOX_DATA`);
  const rows = await readLedger(journal);
  const retainedOut = await readRetainedOut(store);
  const balanced = rows.every((r) => r.balanced);
  if (options.json) process.stdout.write(JSON.stringify({ balanced, rows: ledgerJson(rows), ...(retainedOut === null ? {} : { retainedOut }) }) + '\n');
  else {
    if (rows.length === 0) process.stderr.write('Nothing was accepted yet.\n');
    else {
      process.stdout.write(table(
        ['reader', 'tenant', 'signal', 'accepted', 'delivered', 'queued', 'dropped', 'why', 'balanced'],
        rows.map((r) => [
          r.reader, r.tenant, r.signal, r.accepted, r.delivered, r.queued, Object.values(r.dropped).reduce((a, b) => a + b, 0),
          Object.entries(r.dropped).map(([reason, n]) => `${reason} ${n}`).join(', ') || '–', r.balanced ? 'yes' : 'NO',
        ]),
      ));
    }
    process.stdout.write(retainedLine(retainedOut));
  }
  if (!balanced) {
    process.stderr.write('An account does not balance: accepted is not delivered + queued + dropped. Please report it with this table and the version.\n');
    process.exitCode = 1;
  }
}

/** Null where the store cannot say: its accounts, which the journal has, are shown all the same. */
async function readRetainedOut(storeDir: string): Promise<RetainedOut | null> {
  try {
    return (await readManifest(storeDir)).retainedOut;
  } catch (error) {
    process.stderr.write(`What retention took from the store is not known: ${describeError(error)}\n`);
    return null;
  }
}

/** Empty where nothing went. */
function retainedLine(gone: RetainedOut | null): string {
  if (gone === null || gone.bytes === 0) return '';
  const count = (n: number, what: string): string => `${n.toLocaleString('en-US')} ${what}`;
  return `\nRetention has since taken from the store: ${count(gone.spans, 'spans')}, ${count(gone.logs, 'log records')}, ${count(gone.samples, 'samples')} (${formatBytes(gone.bytes)}).\n`;
}
