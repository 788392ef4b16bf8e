/** The real yaml-language-server as a process of its own, asked over stdio as an editor asks it. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { Readable, Writable } from 'node:stream';
import type { TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { deferred, type Deferred } from './deferred.ts';

const SERVER = createRequire(import.meta.url).resolve(
  'yaml-language-server/bin/yaml-language-server',
);

export interface Suggestion {
  readonly label: string;
  readonly insertText: string;
  /** As an editor shows it beside the label. */
  readonly documentation: string;
}

export interface Finding {
  readonly message: string;
  /** From 1. */
  readonly line: number;
}

export interface LanguageServer {
  /** Opens a document under `path` and resolves with what the editor would underline. */
  check(path: string, text: string): Promise<readonly Finding[]>;
  /** What is offered where `|` stands in the text. */
  complete(path: string, marked: string): Promise<readonly Suggestion[]>;
  /** What is shown for the place where `|` stands in the text. */
  hover(path: string, marked: string): Promise<string>;
}

type Message = Readonly<Record<string, unknown>>;

/** Starts it with its usual settings, less those that go to the network. It ends with the test. */
export async function startLanguageServer(t: TestContext): Promise<LanguageServer> {
  const child = spawn(process.execPath, [SERVER, '--stdio'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  t.after(async () => {
    child.kill('SIGKILL');
    await once(child, 'close');
  });
  const connection = connect(child);
  await connection.request('initialize', { processId: null, rootUri: null, capabilities: {} });
  connection.notify('initialized', {});
  const yaml = {
    validate: true,
    completion: true,
    hover: true,
    schemaStore: { enable: false },
    kubernetesCRDStore: { enable: false },
  };
  connection.notify('workspace/didChangeConfiguration', { settings: { yaml } });
  return createClient(connection);
}

function createClient({ request, notify, diagnostics }: Connection): LanguageServer {
  let opened = 0;
  // A document of its own for each question; the folder decides what relative schema paths mean.
  const open = (path: string, text: string): string => {
    const uri = pathToFileURL(path.replace(/(\.\w+)$/, `-${++opened}$1`)).href;
    notify('textDocument/didOpen', {
      textDocument: { uri, languageId: 'yaml', version: 1, text },
    });
    return uri;
  };
  const ask = async (method: string, path: string, marked: string): Promise<unknown> => {
    const uri = open(path, marked.replace('|', ''));
    return request(method, { textDocument: { uri }, position: positionOfMark(marked) });
  };
  return {
    check: async (path, text) => findingsOf(await diagnostics(open(path, text))),
    complete: async (path, marked) =>
      suggestionsOf(await ask('textDocument/completion', path, marked)),
    hover: async (path, marked) => hoverText(await ask('textDocument/hover', path, marked)),
  };
}

function positionOfMark(marked: string): { readonly line: number; readonly character: number } {
  const before = marked.slice(0, marked.indexOf('|')).split('\n');
  return { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
}

// --- answers: their shape is the protocol's, read member by member ---

const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** A text, or the marked-up text of a `MarkupContent`. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const inside = member(value, 'value');
  return typeof inside === 'string' ? inside : '';
}

const findingsOf = (params: unknown): Finding[] =>
  listOf(member(params, 'diagnostics')).map((found) => ({
    message: textOf(member(found, 'message')),
    line: Number(member(member(member(found, 'range'), 'start'), 'line')) + 1,
  }));

const suggestionsOf = (result: unknown): Suggestion[] =>
  listOf(member(result, 'items')).map((item) => ({
    label: textOf(member(item, 'label')),
    insertText: textOf(member(member(item, 'textEdit'), 'newText') ?? member(item, 'insertText')),
    documentation: textOf(member(item, 'documentation')),
  }));

const hoverText = (result: unknown): string => textOf(member(result, 'contents'));

// --- the protocol: JSON-RPC messages behind a Content-Length header ---

interface Connection {
  readonly request: (method: string, params: Message) => Promise<unknown>;
  readonly notify: (method: string, params: Message) => void;
  /** The first report about a document. */
  readonly diagnostics: (uri: string) => Promise<unknown>;
}

function connect(child: ChildProcessByStdio<Writable, Readable, null>): Connection {
  const answers = new Map<number, Deferred<unknown>>();
  const reports = new Map<string, Deferred<unknown>>();
  const reportOf = (uri: string): Deferred<unknown> => {
    const report = reports.get(uri) ?? deferred();
    reports.set(uri, report);
    return report;
  };
  const send = (message: Message): void => {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message });
    child.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  };
  let lastId = 0;
  let rest = Buffer.alloc(0);
  child.stdout.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    for (let taken = takeMessage(rest); taken !== undefined; taken = takeMessage(rest)) {
      rest = taken.rest;
      const { id, method, params, result } = taken.message;
      if (method === 'textDocument/publishDiagnostics') {
        reportOf(textOf(member(params, 'uri'))).resolve(params);
      } else if (method !== undefined && id !== undefined) send({ id, result: null });
      else answers.get(Number(id))?.resolve(result);
    }
  });
  return {
    request(method, params) {
      const answer = deferred<unknown>();
      answers.set(++lastId, answer);
      send({ id: lastId, method, params });
      return answer.promise;
    },
    notify: (method, params) => send({ method, params }),
    diagnostics: (uri) => reportOf(uri).promise,
  };
}

function takeMessage(bytes: Buffer<ArrayBuffer>) {
  const start = bytes.indexOf('\r\n\r\n') + 4;
  const length = Number(/Content-Length: (\d+)/.exec(bytes.toString('latin1', 0, start))?.[1]);
  if (start < 4 || !(bytes.length >= start + length)) return undefined;
  const message: Message = JSON.parse(bytes.toString('utf8', start, start + length));
  return { message, rest: bytes.subarray(start + length) };
}
