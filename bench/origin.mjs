/** The upstream of all targets: 27 bytes of JSON, keep-alive, nothing else. */
import { createServer } from 'node:http';
import { report } from './child.mjs';

const body = '{"message":"hello, world!"}';
const server = createServer({ keepAliveTimeout: 600_000 }, (_req, res) => {
  res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length });
  res.end(body);
});
server.listen(0, '127.0.0.1', () => report(server.address().port));
