import { fileURLToPath } from 'node:url';

/** The folder with the generated dashboards, one Grafana dashboard JSON a file, `<name>.json`. */
export function dashboardsDirectory(): string {
  return fileURLToPath(new URL('../json', import.meta.url));
}
