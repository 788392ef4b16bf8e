/** The peer most Node gateways are built on: `http-proxy` with a keep-alive agent. */
import { Agent, createServer } from 'node:http';
import httpProxy from 'http-proxy';
import { report } from './child.mjs';

const proxy = httpProxy.createProxyServer({
  target: process.argv[2],
  agent: new Agent({ keepAlive: true, maxSockets: 256 }),
  xfwd: true,
});
proxy.on('error', (_error, _req, res) => res.writeHead(502).end());
const server = createServer({ keepAliveTimeout: 600_000 }, (req, res) => proxy.web(req, res));
server.listen(0, '127.0.0.1', () => report(server.address().port));
