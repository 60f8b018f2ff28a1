import type { Client } from './client.js';
import { field, listOf, textOf } from './json.js';
import type { Json } from './json.js';

export interface DashboardHead {
  readonly uid: string;
  readonly title: string;
  readonly tags: readonly string[];
}

export async function listDashboards(client: Client, signal: AbortSignal): Promise<readonly DashboardHead[]> {
  return listOf(await client.get('/api/v1/dashboards', {}, signal)).map((head) => ({
    uid: textOf(field(head, 'uid')), title: textOf(field(head, 'title')), tags: listOf(field(head, 'tags')).map((tag) => textOf(tag)),
  }));
}

export function loadDashboard(client: Client, uid: string, signal: AbortSignal): Promise<Json> {
  return client.get(`/api/v1/dashboards/${encodeURIComponent(uid)}`, {}, signal);
}
