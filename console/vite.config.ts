import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Where the appliance or `npm run fixtures` answers while the page is developed. */
const appliance = process.env['SIGNALBOX_URL'] ?? 'http://127.0.0.1:4319';
const apis = ['/api/', '/prometheus/', '/loki/', '/tempo/', '/jaeger/'];

export default defineConfig({
  plugins: [react()],
  // Nothing inlined as data: URLs: the page is served under a strict content security policy.
  build: { target: ['chrome123', 'firefox128', 'safari18'], assetsInlineLimit: 0, sourcemap: true, modulePreload: { polyfill: false } },
  server: { host: '127.0.0.1', proxy: Object.fromEntries(apis.map((path) => [path, { target: appliance, changeOrigin: true }])) },
});
