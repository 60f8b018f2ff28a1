import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readLedger } from '@signalbox/journal/ledger';
import { ApplianceError } from '../errors.js';
import { ledgerJson } from '../http/ledger.js';
import { table } from './table.js';

export async function ledger(options: { data: string; json?: boolean }): Promise<void> {
  const dir = join(resolve(options.data), 'journal');
  if (!existsSync(dir)) throw new ApplianceError('SBX_LEDGER_NO_JOURNAL', `${dir} does not exist; give the appliance's data directory with --data or SIGNALBOX_DATA`);
  const rows = await readLedger(dir);
  const balanced = rows.every((r) => r.balanced);
  if (options.json) process.stdout.write(JSON.stringify({ balanced, rows: ledgerJson(rows) }) + '\n');
  else if (rows.length === 0) process.stderr.write('Nothing was accepted yet.\n');
  else {
    process.stdout.write(table(
      ['reader', 'tenant', 'signal', 'accepted', 'delivered', 'queued', 'dropped', 'why', 'balanced'],
      rows.map((r) => [
        r.reader, r.tenant, r.signal, r.accepted, r.delivered, r.queued, Object.values(r.dropped).reduce((a, b) => a + b, 0),
        Object.entries(r.dropped).map(([reason, n]) => `${reason} ${n}`).join(', ') || '–', r.balanced ? 'yes' : 'NO',
      ]),
    ));
  }
  if (!balanced) {
    process.stderr.write('An account does not balance: accepted is not delivered + queued + dropped. Please report it with this table and the version.\n');
    process.exitCode = 1;
  }
}
