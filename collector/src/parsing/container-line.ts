/** One line as a container runtime wrote it. */
export interface ContainerLine {
  readonly time: string;
  readonly stream: 'stdout' | 'stderr' | '';
  /** The runtime cut a longer line here: the next one goes on. */
  readonly partial: boolean;
  readonly log: string;
}

/** The format of containerd and CRI-O: `TIME stdout|stderr F|P TEXT` (kubernetes/design-proposals, kubelet-cri-logging). */
function parseCri(line: string): ContainerLine | null {
  const first = line.indexOf(' ');
  const second = line.indexOf(' ', first + 1);
  if (first < 20 || second < 0) return null;
  const stream = line.slice(first + 1, second);
  if (stream !== 'stdout' && stream !== 'stderr') return null;
  let third = line.indexOf(' ', second + 1);
  if (third < 0) third = line.length;
  const tags = line.slice(second + 1, third).split(':');
  if (tags[0] !== 'F' && tags[0] !== 'P') return null;
  return { time: line.slice(0, first), stream, partial: tags[0] === 'P', log: line.slice(third + 1) };
}

/** Docker's json-file driver: `{"log":"text\n","stream":"stdout","time":"…"}`. */
function parseDocker(line: string): ContainerLine | null {
  if (!line.startsWith('{')) return null;
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null || !('log' in value) || typeof value.log !== 'string') return null;
    const time = 'time' in value && typeof value.time === 'string' ? value.time : '';
    const stream = 'stream' in value && (value.stream === 'stdout' || value.stream === 'stderr') ? value.stream : '';
    const ended = value.log.endsWith('\n');
    return { time, stream, partial: !ended, log: ended ? value.log.slice(0, -1) : value.log };
  } catch {
    return null;
  }
}

/** One line, or the several that a runtime cut a long one into, put together again. */
export function parseContainer(text: string): ContainerLine | null {
  const parse = text.startsWith('{') ? parseDocker : parseCri;
  if (!text.includes('\n')) return parse(text);
  const parts = text.split('\n').map(parse);
  const [first] = parts;
  if (!first || parts.includes(null)) return null;
  return { ...first, partial: parts.at(-1)!.partial, log: parts.map((part) => part!.log).join('') };
}

const KUBERNETES_PATH = /\/([a-z0-9.-]+)_([a-z0-9.-]+)_([0-9a-f-]+)\/([a-z0-9.-]+)\/(\d+)\.log/;
const KUBERNETES_LINK = /\/([a-z0-9.-]+)_([a-z0-9.-]+)_([a-z0-9.-]+)-([0-9a-f]{64})\.log/;

/** Pod and container from the file's path below /var/log/pods or /var/log/containers, under OpenTelemetry's names. */
export function kubernetesOfPath(path: string): ReadonlyMap<string, string> {
  const pod = KUBERNETES_PATH.exec(path);
  if (pod) {
    return new Map([['k8s.namespace.name', pod[1]!], ['k8s.pod.name', pod[2]!], ['k8s.pod.uid', pod[3]!], ['k8s.container.name', pod[4]!], ['k8s.container.restart_count', pod[5]!]]);
  }
  const link = KUBERNETES_LINK.exec(path);
  return new Map(link ? [['k8s.pod.name', link[1]!], ['k8s.namespace.name', link[2]!], ['k8s.container.name', link[3]!], ['container.id', link[4]!]] : []);
}
