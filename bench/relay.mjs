/** The least a Node relay can do: node:http in, undici `dispatch` out, raw headers both ways, no policy at all. */
import { createServer } from 'node:http';
import { Pool } from 'undici';
import { report } from './child.mjs';

const pool = new Pool(process.argv[2], { connections: 256, pipelining: 1 });
const server = createServer({ keepAliveTimeout: 600_000 }, (req, res) => {
  const hasBody = 'content-length' in req.headers || 'transfer-encoding' in req.headers;
  pool.dispatch(
    {
      path: req.url,
      method: req.method,
      headers: withoutConnection(req.rawHeaders),
      body: hasBody ? req : null,
    },
    new Relay(res),
  );
});
server.listen(0, '127.0.0.1', () => report(server.address().port));

function withoutConnection(rawHeaders) {
  const kept = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (!isConnection(rawHeaders[i])) kept.push(rawHeaders[i], rawHeaders[i + 1]);
  }
  return kept;
}

function isConnection(name) {
  return name.length === 10 && name.toLowerCase() === 'connection';
}

/** undici's handler: writes what arrives and holds the upstream while the client cannot take more. */
class Relay {
  constructor(res) {
    this.res = res;
  }
  onRequestStart(controller) {
    this.res.on('drain', () => controller.resume());
    this.res.on('close', () => {
      if (!this.res.writableFinished) controller.abort(new Error('client gone'));
    });
  }
  onResponseStart(controller, status, _headers, statusText) {
    const raw = (controller.rawHeaders ?? []).map(String);
    this.res.writeHead(status, statusText, withoutConnection(raw));
  }
  onResponseData(controller, chunk) {
    if (!this.res.write(chunk)) controller.pause();
  }
  onResponseEnd() {
    this.res.end();
  }
  onResponseError() {
    if (this.res.headersSent) this.res.destroy();
    else this.res.writeHead(502).end();
  }
}
