import { readFileSync } from 'node:fs';

const ID = /[0-9a-f]{64}/;
const FILES = ['/proc/self/cgroup', '/proc/self/mountinfo'] as const;

/**
 * The id of the container that this process runs in, from cgroup v1's paths or the mounts of cgroup v2; undefined
 * outside of containers and where the system does not tell.
 */
export function containerId(read: (file: string) => string = readText): string | undefined {
  for (const file of FILES) {
    const id = idIn(textOf(read, file));
    if (id !== undefined) return id;
  }
  return undefined;
}

function idIn(text: string): string | undefined {
  for (const line of text.split('\n')) {
    // A mountinfo line has ids of overlay layers too; only those below a path that names containers count.
    if (line.includes(' - ') && !/\/(containers|sandboxes|libpod|overlay-containers|pods)\//.test(line)) continue;
    const id = ID.exec(line)?.[0];
    if (id !== undefined) return id;
  }
  return undefined;
}

function textOf(read: (file: string) => string, file: string): string {
  try {
    return read(file);
  } catch {
    return '';
  }
}

function readText(file: string): string {
  return readFileSync(file, 'utf8');
}
