/**
 * What the originals say at `status/buildinfo`. Clients choose by the version which requests they may send, so it is
 * the one whose API is answered here; the revision says who really answers.
 */
export interface BuildInfo {
  readonly version: string;
  readonly revision: string;
  readonly branch: string;
  readonly buildUser: string;
  readonly buildDate: string;
  readonly goVersion: string;
}

export function buildInfo(version: string): BuildInfo {
  return { version, revision: 'signalbox', branch: '', buildUser: '', buildDate: '', goVersion: '' };
}
