import type { MetricSet } from '../metric-set.js';

export interface InterfaceStat {
  readonly name: string;
  readonly receive: Traffic;
  readonly transmit: Traffic;
}
export interface Traffic {
  readonly bytes: number;
  readonly packets: number;
  readonly errors: number;
  readonly dropped: number;
}

/** /proc/net/dev: eight numbers received, eight sent; old kernels write no space behind the colon. */
export function parseNetDev(text: string): InterfaceStat[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*([^\s:]+(?::\d+)?):\s*(\d.*)$/.exec(line);
    const n = match?.[2]!.trim().split(/\s+/).map(Number);
    if (!match || !n || n.length < 12) return [];
    return [{ name: match[1]!, receive: { bytes: n[0]!, packets: n[1]!, errors: n[2]!, dropped: n[3]! }, transmit: { bytes: n[8]!, packets: n[9]!, errors: n[10]!, dropped: n[11]! } }];
  });
}

export function addInterfaces(set: MetricSet, interfaces: readonly InterfaceStat[], wanted: (name: string) => boolean): void {
  for (const each of interfaces) {
    if (!wanted(each.name)) continue;
    for (const direction of ['receive', 'transmit'] as const) {
      const labels = { 'network.interface.name': each.name, 'network.io.direction': direction };
      const traffic = each[direction];
      set.add('system.network.io', 'By', 'counter', traffic.bytes, labels);
      set.add('system.network.packet.count', '{packet}', 'counter', traffic.packets, labels);
      set.add('system.network.errors', '{error}', 'counter', traffic.errors, labels);
      set.add('system.network.packet.dropped', '{packet}', 'counter', traffic.dropped, labels);
    }
  }
}

/** /proc/net/snmp and /proc/net/netstat: of each protocol a line of names and one of numbers. */
export function parseProtocols(text: string): ReadonlyMap<string, number> {
  const lines = text.split('\n');
  const values = new Map<string, number>();
  for (let i = 0; i + 1 < lines.length; i += 2) {
    const [protocol, ...names] = lines[i]!.split(/\s+/);
    const [same, ...numbers] = lines[i + 1]!.split(/\s+/);
    if (protocol === same) names.forEach((name, n) => values.set(`${protocol!.slice(0, -1)}.${name}`, Number(numbers[n])));
  }
  return values;
}

export function addTcp(set: MetricSet, snmp: ReadonlyMap<string, number>, netstat: ReadonlyMap<string, number>): void {
  set.add('system.network.tcp.segments', '{segment}', 'counter', snmp.get('Tcp.InSegs'), { 'network.io.direction': 'receive' });
  set.add('system.network.tcp.segments', '{segment}', 'counter', snmp.get('Tcp.OutSegs'), { 'network.io.direction': 'transmit' });
  set.add('system.network.tcp.retransmits', '{segment}', 'counter', snmp.get('Tcp.RetransSegs'));
  set.add('system.network.tcp.resets', '{segment}', 'counter', snmp.get('Tcp.OutRsts'));
  set.add('system.network.tcp.opens', '{connection}', 'counter', snmp.get('Tcp.ActiveOpens'), { 'system.network.tcp.open': 'active' });
  set.add('system.network.tcp.opens', '{connection}', 'counter', snmp.get('Tcp.PassiveOpens'), { 'system.network.tcp.open': 'passive' });
  set.add('system.network.tcp.listen_overflows', '{connection}', 'counter', netstat.get('TcpExt.ListenOverflows'));
  set.add('system.network.tcp.timeouts', '{timeout}', 'counter', netstat.get('TcpExt.TCPTimeouts'));
}

/** By the kernel's numbers (include/net/tcp_states.h), named as the conventions name them. */
const STATES = ['', 'established', 'syn_sent', 'syn_received', 'fin_wait_1', 'fin_wait_2', 'time_wait', 'closed', 'close_wait', 'last_ack', 'listen', 'closing'];

/** /proc/net/tcp and tcp6: adds the connections of each state to `counts`. */
export function countTcpStates(text: string, counts: Map<string, number>): void {
  for (let line = text.indexOf('\n') + 1; line > 0 && line < text.length; line = text.indexOf('\n', line) + 1) {
    const end = text.indexOf('\n', line);
    const match = /^\s*\d+: [0-9A-F]+:[0-9A-F]{4} [0-9A-F]+:[0-9A-F]{4} ([0-9A-F]{2}) /.exec(text.slice(line, end < 0 ? undefined : Math.min(end, line + 100)));
    const state = STATES[parseInt(match?.[1] ?? '', 16)];
    if (state) counts.set(state, (counts.get(state) ?? 0) + 1);
  }
}

export function addConnections(set: MetricSet, counts: ReadonlyMap<string, number>): void {
  for (const state of STATES.slice(1)) set.add('system.network.connection.count', '{connection}', 'upDownCounter', counts.get(state) ?? 0, { 'network.transport': 'tcp', 'network.connection.state': state });
}
