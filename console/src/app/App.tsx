import { useEffect, useSyncExternalStore } from 'react';
import { useClient } from '../api/context.js';
import { listServices } from '../api/search.js';
import { useLoad } from '../api/use-load.js';
import { DashboardList } from '../dashboards/DashboardList.js';
import { DashboardView } from '../dashboards/DashboardView.js';
import { Empty } from '../design/Notes.js';
import { KnownServices } from '../design/use-service-colours.js';
import { ExploreView } from '../explore/ExploreView.js';
import { LogsView } from '../logs/LogsView.js';
import { StatusView } from '../status/StatusView.js';
import { TraceView } from '../trace/TraceView.js';
import { TracesView } from '../traces/TracesView.js';
import { Link } from './Link.js';
import { navigate, usePlace } from './place.js';
import { TokenForm } from './TokenForm.js';
import { TopBar } from './TopBar.js';

export function App() {
  const { session } = useClient();
  const { demanded, token } = useSyncExternalStore(session.subscribe, session.state);
  const { path, params } = usePlace();
  if (demanded !== 'no') return <TokenForm session={session} refused={demanded === 'refused'} />;
  return <Shell key={token} path={path} params={params} />;
}

const none: readonly string[] = [];

function Shell({ path, params }: { readonly path: string; readonly params: URLSearchParams }) {
  const client = useClient();
  const services = useLoad('services', (signal) => listServices(client, signal));
  return (
    <KnownServices value={services.data ?? none}>
      <div className="shell">
        <TopBar path={path} />
        <main className="view"><View path={path} params={params} /></main>
      </div>
    </KnownServices>
  );
}

function View({ path, params }: { readonly path: string; readonly params: URLSearchParams }) {
  const [, room = '', rest = ''] = path.split('/', 3);
  const id = decode(rest);
  if (room === '') return <Redirect to="/traces" />;
  if (room === 'traces' && id === '') return <TracesView params={params} />;
  if (room === 'trace' && id !== '') return <TraceView key={id} traceId={id} params={params} />;
  if (room === 'dashboards' && id === '') return <DashboardList />;
  if (room === 'dashboards') return <DashboardView key={id} uid={id} params={params} />;
  if (room === 'explore' && id === '') return <ExploreView params={params} />;
  if (room === 'logs' && id === '') return <LogsView params={params} />;
  if (room === 'status' && id === '') return <StatusView />;
  return <Empty title="There is no such page"><p><code>{path}</code> leads nowhere. <Link href="/traces">Search traces</Link> instead.</p></Empty>;
}

function Redirect({ to }: { readonly to: string }) {
  useEffect(() => { navigate(to, 'replace'); }, [to]);
  return null;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
