import { listDashboards } from '../api/dashboards.js';
import { useClient } from '../api/context.js';
import { useLoad } from '../api/use-load.js';
import { Link } from '../app/Link.js';
import { useTitle } from '../app/use-title.js';
import { Empty, Failure, Progress } from '../design/Notes.js';
import './dashboards.css';

export function DashboardList() {
  useTitle('Dashboards');
  const client = useClient();
  const list = useLoad('dashboards', (signal) => listDashboards(client, signal));
  return (
    <div className="page" aria-busy={list.loading}>
      <Progress shown={list.loading} label="Loading the dashboards" />
      <div className="page-head"><h1>Dashboards</h1></div>
      {list.error && <Failure error={list.error} retry={list.reload} />}
      {list.data?.length === 0 && <div className="panel"><Empty title="There are no dashboards"><p>They are JSON files in the folder <code>dashboards/json</code> of the installation; run <code>npm run build</code> if it is not there.</p></Empty></div>}
      {list.data && list.data.length > 0 && (
        <ul className="dashboard-list">
          {list.data.map(({ uid, title, tags }) => (
            <li key={uid} className="panel"><Link href={`/dashboards/${encodeURIComponent(uid)}`}><strong>{title}</strong><span>{tags.map((tag) => <span key={tag} className="tally">{tag}</span>)}</span></Link></li>
          ))}
        </ul>
      )}
    </div>
  );
}
