import { isLoopbackHost } from '@signalbox/collector/security/loopback';
import { ApplianceError } from '../errors.js';
import { Caller, type CallerFiles } from '../probe/caller.js';
import { fetchStatus, urlOf } from '../probe/endpoints.js';
import { awaitDestinations, fetchExporterLedger } from '../verify/destinations.js';
import { parseConfiguration, type Configuration } from '../settings/configuration.js';
import { applianceUrl } from '../settings/appliance-url.js';
import { readConfigFile } from '../settings/settle.js';
import { searchableBackends } from '../verify/backends.js';
import { NO_WAYS, type ConfiguredWays } from '../verify/configured.js';
import { fileWays } from '../verify/files.js';
import { pushesOf } from '../verify/pushes.js';
import { EVERYWHERE, leftOutNotes, reachBy } from '../verify/reach.js';
import { samplingVerdict } from '../verify/sampling.js';
import { runVerify } from '../verify/run.js';
import { untriedNotes } from '../verify/untried.js';
import { VERIFY_SERVICE } from '../verify/marked.js';
import { syslogWays } from '../verify/syslog.js';
import { waysIn } from '../verify/ways-in.js';
import { waysOut } from '../verify/ways-out.js';
import { zipkinWays } from '../verify/zipkin.js';
import { table } from './table.js';

export async function verify(given: { config?: string; url?: string; token?: string; timeout: string; json?: boolean } & CallerFiles): Promise<void> {
  const timeoutMs = Number(given.timeout) * 1000;
  if (!(timeoutMs > 0 && timeoutMs <= 3_600_000)) throw new ApplianceError('SBX_VERIFY_TIMEOUT', `--timeout takes seconds, from 1 to 3600; "${given.timeout}" is not`);
  const config = given.config === undefined ? null : parseConfiguration({ file: given.config, text: readConfigFile(given.config) }, process.env);
  const options = { ...given, url: applianceUrl(given.url, config) };
  const token = options.token ?? null;
  const caller = Caller.of(options, options.url);
  const status = await fetchStatus(options.url, token, timeoutMs, caller);
  const asked = { url: options.url, listeners: status.listeners };
  const configured = [zipkinWays(config, asked), syslogWays(config, asked, caller), await filesFor(config, options.url)];
  const entries = [...waysIn({ grpc: urlOf(status, 'otlp/grpc'), http: urlOf(status, 'otlp/http') }), ...(await pushesOf(options.url, { token, timeoutMs, caller })), ...configured.flatMap(({ ways }) => ways)];
  if (entries.length === 0) throw new ApplianceError('SBX_VERIFY_NO_WAY_IN', 'the appliance has no receiver that is ready; GET /api/v1/status shows the roles');
  const before = await fetchExporterLedger(options.url, token, timeoutMs, caller);
  const backends = config === null ? null : searchableBackends(config, timeoutMs);
  const notes = [...configured.flatMap((each) => each.notes), ...untriedNotes(config), ...(backends?.notes ?? []), ...(config === null ? [] : leftOutNotes(config))];
  if (config === null && before.length > 0) notes.push('destinations were not searched; --config FILE does it, with the credentials of the exporters');
  const links = await runVerify({ in: entries, out: [...waysOut(options.url, token, timeoutMs, caller), ...(backends?.out ?? [])] }, { token, timeoutMs, caller, reach: config === null ? EVERYWHERE : reachBy(config), verdict: (traceId) => samplingVerdict(options.url, traceId, { token, timeoutMs, caller }) }).finally(() => backends?.close());
  const destinations = await awaitDestinations(options.url, token, before, timeoutMs, caller);

  const leftOut = [...new Set(links.flatMap((l) => l.leftOut ?? []))];
  if (leftOut.length > 0) notes.push(`${leftOut.join(', ')} did not keep the marked traces, as its policies want it; to see them all the way, add a policy for service.name ${VERIFY_SERVICE}`);

  const broken = [
    ...links.filter((l) => l.failure !== null).map((l) => `${l.signal}: ${l.wayIn} → ${l.wayOut}: ${l.failure}`),
    ...destinations.filter((d) => d.failure !== null).map((d) => `${d.signal}: journal → ${d.reader}: ${d.failure}`),
  ];
  if (options.json) {
    process.stdout.write(JSON.stringify({ ok: broken.length === 0, links, destinations, broken, notes }) + '\n');
  } else {
    const ms = (value: number | null): string => (value === null ? '–' : `${value.toFixed(0)} ms`);
    process.stdout.write(table(['signal', 'in', 'acknowledged', 'out', 'found'], links.map((l) => [l.signal, l.wayIn, ms(l.acknowledgedMs), l.wayOut, l.leftOut !== null ? 'left out' : l.failure === null ? ms(l.foundMs) : 'NOT FOUND'])));
    if (destinations.length > 0) process.stdout.write('\n' + table(['signal', 'reader of the journal', 'queue empty'], destinations.map((d) => [d.signal, d.reader, d.failure === null ? ms(d.settledMs) : 'BROKEN'])));
    if (notes.length > 0) process.stdout.write(`\n${notes.map((note) => `Note: ${note}.`).join('\n')}\n`);
    process.stdout.write(broken.length === 0 ? `\nAll ${links.length} links${destinations.length > 0 ? ` and ${destinations.length} exporters` : ''} work.\n` : `\nBroken:\n${broken.map((b) => `  ${b}`).join('\n')}\n`);
  }
  if (broken.length > 0) process.exitCode = 1;
}

/** Files are the business of the machine that the appliance runs on. */
async function filesFor(config: Configuration | null, url: string): Promise<ConfiguredWays> {
  if (config === null) return NO_WAYS;
  if (isLoopbackHost(new URL(url).hostname)) return fileWays(config);
  return { ways: [], notes: ['no line was written to a file, since the appliance runs on another machine'] };
}
