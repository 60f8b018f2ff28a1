import type { RoleName } from './messages.js';

/**
 * The receivers and exporters allot and drop memory by the megabyte; with small generations V8 marks the whole heap dozens of times a
 * second, which is a third to a half of what exporting takes.
 */
const FLAGS: Readonly<Record<RoleName, readonly string[]>> = {
  receive: ['--max-semi-space-size=64', '--initial-old-space-size=64'],
  deliver: ['--max-semi-space-size=64', '--initial-old-space-size=128'],
  serve: ['--max-semi-space-size=16'],
};

/**
 * What queries run is wide rather than deep: with V8's own threshold it compiles most functions for a few calls, several times as
 * long as they run. Later versions of V8 count otherwise and refuse the flag.
 */
const OF_NODE_20: Readonly<Partial<Record<RoleName, readonly string[]>>> = { serve: ['--interrupt-budget=150000'] };

/** What a role's process is started with by this version of Node.js, such as `20.19.0`: one that does not know a flag does not start at all. */
export function nodeFlags(role: RoleName, nodeVersion: string = process.versions.node): readonly string[] {
  return [...FLAGS[role], ...(nodeVersion.startsWith('20.') ? (OF_NODE_20[role] ?? []) : [])];
}

/**
 * What a process is told once queries are warmed up, when most of what is hot is compiled: what else comes must have run seven times as long
 * first. Otherwise the first hundred queries of a dashboard have dozens of functions compiled for the few calls that were left, which
 * takes a tenth to a fifth of their CPU.
 */
export function flagsOnceWarm(nodeVersion: string = process.versions.node): readonly string[] {
  return nodeVersion.startsWith('20.') ? ['--interrupt-budget=1000000'] : [];
}
