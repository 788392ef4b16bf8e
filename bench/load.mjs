/**
 * The load generator: 64 keep-alive connections, one request at a time on each, bare sockets.
 * A job is `{ port, path, tokens, count, head }`: `count` requests, the n-th with token n (the last token repeats),
 * all with the header lines of `head`.
 */
import { connect } from 'node:net';

const CONNECTIONS = 64;

process.on('disconnect', () => process.exit());
process.on('message', (job) => void run(job).then((result) => process.send(result)));
process.send({ port: 0 });

async function run({ port, path, tokens, count, head = '' }) {
  const state = {
    sent: 0,
    done: 0,
    wrong: 0,
    startedAt: performance.now(),
    latencies: new Float64Array(count),
  };
  const nextRequest = () => {
    const token = tokens[Math.min(state.sent, tokens.length - 1)];
    state.sent += 1;
    const authorization = token === undefined ? '' : `Authorization: Bearer ${token}\r\n`;
    return `GET ${path} HTTP/1.1\r\nHost: bench.test\r\nUser-Agent: bench\r\nAccept: */*\r\n${head}${authorization}\r\n`;
  };
  const loops = Array.from({ length: Math.min(CONNECTIONS, count) }, () =>
    drive(port, count, state, nextRequest),
  );
  await Promise.all(loops);
  const seconds = (performance.now() - state.startedAt) / 1000;
  state.latencies.sort();
  return {
    done: state.done,
    wrong: state.wrong,
    perSecond: state.done / seconds,
    p99Ms: state.latencies[Math.floor(state.done * 0.99)],
  };
}

/** One connection: sends until `count` requests of all connections are out, resolves when it is idle. */
function drive(port, count, state, nextRequest) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let pending = '';
    let sentAt = 0;
    const send = () => {
      if (state.sent >= count) {
        socket.destroy();
        resolve();
        return;
      }
      sentAt = performance.now();
      socket.write(nextRequest(), 'latin1');
    };
    socket.setNoDelay(true);
    socket.on('connect', send);
    socket.on('error', reject);
    socket.on('end', () => reject(new Error('the target closed a connection')));
    socket.on('data', (chunk) => {
      pending += chunk.toString('latin1');
      const size = answerSize(pending);
      if (size === undefined || pending.length < size) return;
      if (!pending.startsWith('HTTP/1.1 200')) state.wrong += 1;
      pending = pending.slice(size);
      state.latencies[state.done] = performance.now() - sentAt;
      state.done += 1;
      send();
    });
  });
}

/** Bytes of the answer at the start of `text`, once its head is complete. */
function answerSize(text) {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const length = /\r\ncontent-length: *(\d+)/i.exec(text.slice(0, headEnd))?.[1];
  if (length !== undefined) return headEnd + 4 + Number(length);
  const end = text.indexOf('\r\n0\r\n\r\n', headEnd);
  return end < 0 ? undefined : end + 7;
}
