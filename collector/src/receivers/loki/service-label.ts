import { firstOf, type StreamLabels } from './stream-labels.js';

/** Where Loki looks for the service of a stream that does not name it (limits_config, discover_service_name). */
const SERVICE_LABELS = ['service', 'app', 'application', 'app_name', 'name', 'app_kubernetes_io_name', 'container', 'container_name', 'k8s_container_name', 'component', 'workload', 'job', 'k8s_job_name'];

/** The labels with a service_name, as Loki gives every stream one; sorted. */
export function withService(labels: StreamLabels): StreamLabels {
  if (labels.some(([name]) => name === 'service_name')) return labels;
  const service = ['service_name', firstOf(SERVICE_LABELS, labels) ?? 'unknown_service'] as const;
  return [...labels, service].sort(([a], [b]) => (a < b ? -1 : 1));
}
