import { resolve } from 'node:path';
import { applianceCheck } from '../doctor/checks/appliance.js';
import { arrivalsCheck } from '../doctor/checks/arrivals.js';
import { clockCheck } from '../doctor/checks/clock.js';
import { configurationCheck } from '../doctor/checks/configuration.js';
import { dataDirectoryCheck } from '../doctor/checks/data-directory.js';
import { endpointCheck } from '../doctor/checks/endpoint.js';
import { portsCheck } from '../doctor/checks/ports.js';
import { Caller, type CallerFiles } from '../probe/caller.js';
import type { Check, DoctorContext, Finding } from '../doctor/finding.js';

const CHECKS: readonly Check[] = [configurationCheck, dataDirectoryCheck, applianceCheck, portsCheck, endpointCheck, clockCheck, arrivalsCheck];
const SIGN = { ok: 'ok     ', hint: 'hint   ', problem: 'PROBLEM' } as const;
const TIMEOUT_MS = 3000;

export async function doctor(options: { config?: string; data: string; url: string; token?: string; endpoint?: string; protocol?: string; json?: boolean } & CallerFiles): Promise<void> {
  const context: DoctorContext = {
    url: options.url, dataDir: resolve(options.data), configFile: options.config ?? null, token: options.token ?? null,
    endpoint: options.endpoint ?? null, protocol: options.protocol ?? null, timeoutMs: TIMEOUT_MS, caller: Caller.of(options, options.url),
  };
  const findings: Finding[] = [];
  for (const check of CHECKS) {
    const found = await check.run(context);
    findings.push(...found);
    if (!options.json) for (const f of found) process.stdout.write(`${SIGN[f.level]}  ${f.check}: ${f.what}\n${f.remedy === '' ? '' : `         → ${f.remedy}\n`}`);
  }
  const problems = findings.filter((f) => f.level === 'problem').length;
  if (options.json) process.stdout.write(JSON.stringify({ ok: problems === 0, findings }) + '\n');
  else process.stdout.write(problems === 0 ? '\nNo problem found.\n' : `\n${problems} ${problems === 1 ? 'problem' : 'problems'} found.\n`);
  if (problems > 0) process.exitCode = 1;
}
