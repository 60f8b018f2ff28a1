import { startAppliance, type RunningAppliance } from '../../harness/appliance.js';
import { requireOwnServer } from '../../servers/require-server.js';
import type { RunningServer } from '../../servers/server-process.js';
import { startWholePrometheus, type PrometheusOptions } from '../../sidebyside/prometheus.js';
import { Side } from '../../sidebyside/sides.js';

/** A Prometheus and the appliance with its store. To be read within the tests of the `describe` alone. */
export interface WrittenSides {
  readonly theirs: Side;
  readonly ours: Side;
}

/** Both of them for the tests of a `describe`, which is skipped where there is no Prometheus: they take remote writes, and have one sample that all others come behind, or before. */
export function writtenSides(options: PrometheusOptions = {}): WrittenSides {
  let server: RunningServer | undefined;
  let appliance: RunningAppliance | undefined;
  let sides: WrittenSides | undefined;
  const written = (): WrittenSides => {
    if (sides === undefined) throw new Error('both sides are there only while the tests run');
    return sides;
  };
  before(async function () {
    requireOwnServer(this, 'prometheus');
    [server, appliance] = await Promise.all([startWholePrometheus(options), startAppliance({
      receivers: 'prometheusremotewrite: {}', env: { SIGNALBOX_STORE_RETENTION_AGE: 'off' },
      rest: () => 'exporters: { store: {} }\nservice: { pipelines: { metrics: { receivers: [otlp, prometheusremotewrite], exporters: [store] } } }\n',
    })]);
    sides = { theirs: new Side('prometheus', server.url), ours: new Side('signalbox', `${appliance.url}/prometheus`) };
    await Promise.all(Object.values(sides).map((side: Side) => side.write([{ labels: [['__name__', 'newest']], points: [{ timeMs: 3_600_000, value: 1 }] }])));
  });
  after(async () => {
    await appliance?.stop();
    await server?.kill();
  });
  return {
    get theirs() { return written().theirs; },
    get ours() { return written().ours; },
  };
}
