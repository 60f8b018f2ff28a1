import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { servicesDashboard } from './services.js';

/** Every dashboard that is shipped, under the name of its file in `json/`. */
export function dashboards(): readonly { readonly file: string; readonly dashboard: Dashboard }[] {
  return [{ file: 'services.json', dashboard: servicesDashboard() }];
}

/** The text of a dashboard's file. */
export function dashboardJson(dashboard: Dashboard): string {
  return `${JSON.stringify(withPanelIds(dashboard), null, 2)}\n`;
}

/** Panels are numbered in order, so that links to one of them stay valid while the dashboard does. */
function withPanelIds(dashboard: Dashboard): Dashboard {
  return { ...dashboard, panels: dashboard.panels?.map((panel, index) => ({ ...panel, id: index + 1 })) };
}
