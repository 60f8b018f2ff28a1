import type { LoadedConfig } from '@signalbox/collector/config/loaded';

/** Receivers that something is sent to: one of the type, or each. */
const TRIED: Readonly<Record<string, 'one' | 'each'>> = { otlp: 'one', loki: 'one', prometheusremotewrite: 'one', zipkin: 'each', filelog: 'each', syslog: 'each' };

const WHY: Readonly<Record<string, string>> = {
  kafka: 'others read its topics too, and they would see what verify writes; the ledger shows what comes of them',
  prometheus: 'it fetches from its targets, which verify does not answer for; /prometheus/api/v1/targets shows how they are, and so does the metric up',
  hostmetrics: 'it reads this machine, where nothing can be marked; query one of its metrics, such as system.memory.usage',
};

/** Receivers in use that nothing is sent to, each with the reason. */
export function untriedNotes(config: LoadedConfig | null): readonly string[] {
  if (config === null) return ['receivers that watch files, take syslog, read Kafka or scrape were not tried, since the configuration alone tells of them; --config FILE does it as far as it can be done'];
  const used = config.receivers.filter(({ id }) => config.pipelines.some(({ receivers }) => receivers.includes(id)));
  const types = [...new Set(used.map(({ type }) => type))];
  return types.flatMap((type) => {
    const ids = used.filter((receiver) => receiver.type === type).map(({ id }) => id);
    if (TRIED[type] === 'each' || (TRIED[type] === 'one' && ids.length === 1)) return [];
    if (TRIED[type] === 'one') return [`of ${ids.join(', ')} one alone was tried, the first for each protocol`];
    return ids.map((id) => `${id} was not tried: ${WHY[type] ?? 'verify knows no way to send to it'}`);
  });
}
