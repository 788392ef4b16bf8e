/** Silverback as built, one worker, its access log off as in every other target. The config is the second argument. */
import { startGateway } from '../dist/index.js';
import { report } from './child.mjs';

const gateway = await startGateway({
  config: process.argv[2],
  settings: {
    proxy_listen: '127.0.0.1:0',
    admin_listen: 'off',
    status_listen: 'off',
    proxy_access_log: 'off',
    nginx_worker_processes: '1',
  },
});
report(Number(new URL(gateway.proxyUrl).port));
