import type { ConfiguredComponent } from '@signalbox/collector/config/loaded';
import type { Entry } from '@signalbox/collector/parsing/entry';
import { EntryResources } from '@signalbox/collector/parsing/entry-resources';
import { LogRequest } from '@signalbox/collector/parsing/log-request';
import { knownZone } from '@signalbox/collector/parsing/time-zone';
import type { SyslogConfig } from '@signalbox/collector/receivers/syslog/config';
import { parseSyslog } from '@signalbox/collector/receivers/syslog/message';
import { MessageSources } from '@signalbox/collector/receivers/syslog/message-sources';
import type { LogsData } from '@signalbox/signals/model/log-record';
import { decodeLogs } from '@signalbox/signals/otlp/protobuf/logs';
import { foreseen, type Foreseen } from './foresee-line.js';
import type { Marked } from './marked.js';
import { syslogLines, type SyslogFormat } from './syslog-line.js';

/** Which message of the format becomes a record that can be found again, as `foreseeLine` tells it of lines in files. */
export function foreseeSyslog(settings: SyslogConfig, format: SyslogFormat, maxBytes: number, pipelines: readonly (readonly ConfiguredComponent[])[], marked: Marked): Foreseen {
  return foreseen(syslogLines(settings, format, marked), (line) => recordsOf(settings, line.slice(0, maxBytes)), pipelines, marked);
}

/** What the receiver makes of a message. */
function recordsOf(settings: SyslogConfig, line: string): LogsData {
  const entries: Entry[] = [];
  const nothing = (): void => undefined;
  const sources = new MessageSources(settings.operators, { batcher: { hold: nothing, release: nothing, add: (entry) => void entries.push(entry) }, unparsed: nothing, dropped: nothing });
  const nowMs = Date.now();
  sources.take('verify', parseSyslog(line, { protocol: settings.protocol, zone: knownZone(settings.location), allowNoPriority: settings.allow_skip_pri_header, keepLine: settings.keep_line, nowMs }), line.length, false);
  sources.flush();
  const request = new LogRequest(1 << 12);
  const resources = new EntryResources([]);
  for (const entry of entries) {
    request.useResource(resources.of(entry));
    request.entry(entry, BigInt(nowMs) * 1_000_000n, new Uint8Array(0));
  }
  return decodeLogs(request.finish());
}
