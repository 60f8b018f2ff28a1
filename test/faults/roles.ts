import { readFileSync, readdirSync } from 'node:fs';

/** The process that runs a role of the appliance whose launcher is `launcher`; null while it is between two lives. */
export function rolePid(launcher: number, role: string): number | null {
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      if (Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) !== launcher) continue;
      if (readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0').includes(role)) return Number(name);
    } catch {
      // It ended while it was looked at.
    }
  }
  return null;
}
