import { resolve } from 'node:path';
import { applianceCheck } from '../doctor/checks/appliance.js';
import { arrivalsCheck } from '../doctor/checks/arrivals.js';
import { clockCheck } from '../doctor/checks/clock.js';
import { configurationCheck } from '../doctor/checks/configuration.js';
import { dataDirectoryCheck } from '../doctor/checks/data-directory.js';
import { endpointCheck } from '../doctor/checks/endpoint.js';
import { portsCheck } from '../doctor/checks/ports.js';
import { applianceUrl } from '../settings/appliance-url.js';
import { parseConfiguration, type Configuration } from '../settings/configuration.js';
import { readConfigFile } from '../settings/settle.js';
import { Caller, type CallerFiles } from '../probe/caller.js';
import type { Check, DoctorContext, Finding } from '../doctor/finding.js';

const CHECKS: readonly Check[] = [configurationCheck, dataDirectoryCheck, applianceCheck, portsCheck, endpointCheck, clockCheck, arrivalsCheck];
const SIGN = { ok: 'ok     ', hint: 'hint   ', problem: 'PROBLEM' } as const;
const TIMEOUT_MS = 3000;
/** journal.min_free_share, where the configuration is not known. */
const MIN_FREE_SHARE = 0.1;

export async function doctor(options: { config?: string; data: string; url?: string; token?: string; endpoint?: string; protocol?: string; json?: boolean } & CallerFiles): Promise<void> {
  const config = configurationOf(options.config);
  const url = applianceUrl(options.url, config);
  const context: DoctorContext = {
    url, dataDir: resolve(options.data), configFile: options.config ?? null, token: options.token ?? null,
    endpoint: options.endpoint ?? null, protocol: options.protocol ?? null, timeoutMs: TIMEOUT_MS, caller: Caller.of(options, url),
    minFreeShare: config?.sections.journal.min_free_share ?? MIN_FREE_SHARE,
  };
  const findings: Finding[] = [];
  let remedy = '';
  /** What is to be done stands once below all that it mends. */
  const advise = (next: string): void => {
    if (remedy !== '' && remedy !== next) process.stdout.write(`         → ${remedy}\n`);
    remedy = next;
  };
  for (const check of CHECKS) {
    const found = await check.run(context);
    findings.push(...found);
    if (options.json) continue;
    for (const each of found) {
      advise(each.remedy);
      process.stdout.write(`${SIGN[each.level]}  ${each.check}: ${each.what}\n`);
    }
  }
  advise('');
  const problems = findings.filter((f) => f.level === 'problem').length;
  if (options.json) process.stdout.write(JSON.stringify({ ok: problems === 0, findings }) + '\n');
  else process.stdout.write(problems === 0 ? '\nNo problem found.\n' : `\n${problems} ${problems === 1 ? 'problem' : 'problems'} found.\n`);
  if (problems > 0) process.exitCode = 1;
}

/** The configuration that the appliance has by what is known here, the environment included; null where it has mistakes, which a check names. */
function configurationOf(file: string | undefined): Configuration | null {
  try {
    return parseConfiguration({ file: file ?? '', text: file === undefined ? '' : readConfigFile(file) }, process.env);
  } catch {
    return null;
  }
}
