import { readFileSync } from 'node:fs';
import { arch, hostname, platform, release } from 'node:os';

/** What detectors look at; tests put another in its place. */
export interface Machine {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Text of a small file; null where there is none that can be read. */
  read(path: string): string | null;
  readonly hostname: string;
  readonly platform: string;
  readonly release: string;
  readonly arch: string;
}

export function thisMachine(): Machine {
  return {
    env: process.env,
    read: (path) => {
      try {
        return readFileSync(path, 'utf8');
      } catch {
        return null;
      }
    },
    hostname: hostname(),
    platform: platform(),
    release: release(),
    arch: arch(),
  };
}
