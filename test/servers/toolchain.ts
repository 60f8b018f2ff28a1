import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A tool that a build needs is not there; the text says how to get it. */
export class MissingTool extends Error {}

const MIN_GO = [1, 26] as const;
const MIN_JDK = 21;
const JVM_FOLDERS = ['/usr/lib/jvm', '/opt/java', '/Library/Java/JavaVirtualMachines'];

/** Go, which fetches the toolchain that a go.mod asks for itself, unless it is told not to. */
export function findGo(): string {
  const go = onPath('go');
  if (go === null) throw new MissingTool(`Go ${MIN_GO.join('.')} or newer is missing: see https://go.dev/dl`);
  const version = /go(\d+)\.(\d+)/.exec(execFileSync(go, ['env', 'GOVERSION'], { encoding: 'utf8' }));
  const [major, minor] = [Number(version?.[1]), Number(version?.[2])];
  const fetches = execFileSync(go, ['env', 'GOTOOLCHAIN'], { encoding: 'utf8' }).trim() !== 'local';
  if (major === MIN_GO[0] && minor < MIN_GO[1] && (!fetches || minor < 21)) {
    throw new MissingTool(`Go ${MIN_GO.join('.')} or newer is needed, ${go} is ${major}.${minor}: see https://go.dev/dl`);
  }
  return go;
}

export function findMaven(): string {
  const maven = onPath('mvn');
  if (maven === null) throw new MissingTool('Maven (mvn) is missing: apt-get install maven, or see https://maven.apache.org');
  return maven;
}

/** The home of a JDK of at least version 21: JAVA_HOME's, else the newest in the usual places. */
export function findJdk(): string {
  const home = process.env['JAVA_HOME'];
  const folders = JVM_FOLDERS.filter((folder) => existsSync(folder)).flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));
  const candidates = [...(home === undefined ? [] : [home]), ...folders.flatMap((folder) => [folder, join(folder, 'Contents/Home')])];
  const found = candidates.map((folder) => ({ folder, version: jdkVersion(folder) })).filter(({ version }) => version >= MIN_JDK);
  const best = found.find(({ folder }) => folder === home) ?? found.sort((a, b) => b.version - a.version)[0];
  if (best === undefined) throw new MissingTool(`a JDK ${MIN_JDK} or newer is missing: apt-get install openjdk-${MIN_JDK}-jdk-headless, or set JAVA_HOME (see https://adoptium.net)`);
  return best.folder;
}

function jdkVersion(home: string): number {
  const release = join(home, 'release');
  if (!existsSync(release) || !existsSync(join(home, 'bin', 'javac'))) return 0;
  return Number(/^JAVA_VERSION="(\d+)/m.exec(readFileSync(release, 'utf8'))?.[1] ?? 0);
}

function onPath(command: string): string | null {
  const extra = command === 'go' ? ['/usr/local/go/bin'] : [];
  for (const folder of [...(process.env['PATH'] ?? '').split(delimiter), ...extra]) {
    const file = join(folder, command);
    if (folder !== '' && existsSync(file)) return file;
  }
  return null;
}
