/** The upstream of all targets: 27 bytes of JSON, keep-alive; `/jwks` is the JWK set of the first argument. */
import { createServer } from 'node:http';
import { report } from './child.mjs';

const body = '{"message":"hello, world!"}';
const jwks = process.argv[2] ?? '{"keys":[]}';
const server = createServer({ keepAliveTimeout: 600_000 }, (req, res) => {
  if (req.url === '/jwks') {
    res.end(jwks);
    return;
  }
  res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length });
  res.end(body);
});
server.listen(0, '127.0.0.1', () => report(server.address().port));
