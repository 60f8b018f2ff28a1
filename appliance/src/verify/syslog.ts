import type { LoadedConfig } from '@signalbox/collector/config/loaded';
import type { SyslogConfig } from '@signalbox/collector/receivers/syslog/config';
import { syslog } from '@signalbox/collector/receivers/syslog/index';
import type { Caller } from '../probe/caller.js';
import { processorsBehind, usedReceivers, type ConfiguredWays } from './configured.js';
import { lostNote, untracedNote, type Foreseen } from './foresee-line.js';
import { foreseeSyslog } from './foresee-syslog.js';
import { makeMarked, type Marked } from './marked.js';
import { reachedAt, type AskedAppliance } from './reached-at.js';
import { formatsOf, type SyslogFormat } from './syslog-line.js';
import { sendSyslog, type SyslogTransport } from './syslog-send.js';
import type { WayIn } from './ways-in.js';

const LISTENER = { TCP: 'syslog+tcp', TLS: 'syslog+tls', UDP: 'syslog+udp' } as const;
const SILENCE = 'syslog is not answered; where this machine is not among accept_from, the appliance logs SBX_SYSLOG_REFUSED';

/**
 * A marked message for each `syslog` receiver of a pipeline, over each of its transports and in each format that it takes. Without the
 * configuration nothing is sent: how messages are read stands there alone.
 */
export function syslogWays(config: LoadedConfig | null, appliance: AskedAppliance, caller: Caller): ConfiguredWays {
  if (config === null) {
    const names: readonly string[] = Object.values(LISTENER);
    return { ways: [], notes: appliance.listeners.filter(({ name }) => names.includes(name)).map(({ name, address }) => `${name} at ${address} gets no line; --config FILE says how it is to be read`) };
  }
  const ways: WayIn[] = [];
  const notes: string[] = [];
  for (const receiver of usedReceivers(config, syslog.type)) {
    const settings = receiver.config as SyslogConfig;
    const behind = processorsBehind(config, receiver.id);
    const transports: readonly Listening[] = transportsOf(settings);
    const open: (SyslogTransport & Pick<Listening, 'maxBytes'>)[] = [];
    for (const { kind, endpoint, counted, maxBytes } of transports) {
      const place = reachedAt(endpoint, LISTENER[kind], appliance);
      if ('reason' in place) notes.push(`${receiver.id} gets no line over ${kind}: ${place.reason}`);
      else if (kind === 'TLS' && settings.tcp?.tls?.client_ca_file !== undefined && caller.tls.cert === undefined) notes.push(`${receiver.id} gets no line over TLS: it demands a certificate (client_ca_file); give one with --cert-file and --key-file`);
      else open.push({ kind, place, counted, maxBytes });
    }
    const untraced = new Set<string>();
    for (const format of formatsOf(settings)) {
      for (const transport of open) {
        const lineFor = (marked: Marked): Foreseen => foreseeSyslog(settings, format, transport.maxBytes, behind, marked);
        const foreseen = lineFor(makeMarked(BigInt(Date.now()) * 1_000_000n));
        if (foreseen === null) notes.push(lostNote(`${receiver.id} gets no line of ${format} over ${transport.kind}`));
        else {
          if (!foreseen.traced) untraced.add(untracedNote(receiver.id));
          ways.push(wayThrough(receiver.id, settings.tenant, { format, transport, lineFor, traced: foreseen.traced }));
        }
      }
    }
    notes.push(...untraced);
  }
  return { ways, notes };
}

interface Listening {
  readonly kind: SyslogTransport['kind'];
  readonly endpoint: string;
  readonly counted: boolean;
  /** What is longer is cut off. */
  readonly maxBytes: number;
}

function transportsOf({ tcp, udp }: SyslogConfig): readonly Listening[] {
  return [
    ...(tcp === undefined ? [] : [{ kind: tcp.tls === undefined ? 'TCP' as const : 'TLS' as const, endpoint: tcp.listen_address, counted: tcp.enable_octet_counting === true, maxBytes: tcp.max_log_size }]),
    ...(udp === undefined ? [] : [{ kind: 'UDP' as const, endpoint: udp.listen_address, counted: false, maxBytes: udp.max_log_size }]),
  ];
}

interface Message {
  readonly format: SyslogFormat;
  readonly transport: SyslogTransport;
  readonly traced: boolean;
  lineFor(marked: Marked): Foreseen;
}

function wayThrough(receiver: string, tenant: string, { format, transport, traced, lineFor }: Message): WayIn {
  return {
    name: `${format} over ${transport.kind} (${receiver})`,
    signals: ['logs'],
    receiver,
    ownTenant: tenant === 'default',
    untraced: !traced,
    silence: SILENCE,
    async send(marked, _signal, { timeoutMs, caller }) {
      await sendSyslog(transport, lineFor(marked)?.line ?? '', { timeoutMs, tls: caller.tls });
    },
  };
}
