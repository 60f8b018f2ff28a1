import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';

interface DashboardHead {
  readonly uid: string;
  readonly title: string;
  readonly tags: readonly string[];
}

/** `GET /api/v1/dashboards` lists, `GET /api/v1/dashboards/<uid>` answers the JSON that Grafana would be given too. */
export function registerDashboards(app: FastifyInstance, directory: string): void {
  app.get('/api/v1/dashboards', async () => (await all(directory)).map(({ head }) => head));
  app.get<{ Params: { uid: string } }>('/api/v1/dashboards/:uid', async (request, reply) => {
    const found = (await all(directory)).find(({ head }) => head.uid === request.params.uid);
    if (!found) return reply.code(404).send({ error: { code: 'SBX_DASHBOARD_NOT_FOUND', message: `there is no dashboard "${request.params.uid}"; GET /api/v1/dashboards lists them` } });
    return reply.type('application/json; charset=utf-8').send(found.text);
  });
}

async function all(directory: string): Promise<{ head: DashboardHead; text: string }[]> {
  const names = (await readdir(directory)).filter((n) => n.endsWith('.json')).sort();
  return Promise.all(names.map(async (name) => {
    const text = await readFile(join(directory, name), 'utf8');
    const { uid, title, tags } = JSON.parse(text) as DashboardHead;
    return { head: { uid, title, tags: tags ?? [] }, text };
  }));
}
