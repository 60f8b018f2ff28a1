import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
// First, so that the styles of the views can refine them.
import './design/tokens.css';
import './design/base.css';
import './design/controls.css';
import './app/app.css';
import { Client } from './api/client.js';
import { ClientContext } from './api/context.js';
import { Session } from './api/session.js';
import { App } from './app/App.js';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');

const client = new Client(new Session(sessionStorage), (url, init) => fetch(url, init));
createRoot(root).render(<StrictMode><ClientContext value={client}><App /></ClientContext></StrictMode>);
