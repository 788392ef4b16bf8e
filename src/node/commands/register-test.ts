/** `silverback test`: names, flags and help. */
import { Option, type Command } from 'commander';
import { REPORT_FORMATS } from '../../report/render.ts';
import { endWith } from './options.ts';
import type { TestFlags } from './test.ts';

export function registerTest(program: Command): void {
  program
    .command('test')
    .description('run the tests of a config: requests, and what must come of them')
    .argument(
      '[path...]',
      'test files, folders (*.test.yaml, also below) or patterns; by default .',
    )
    .addOption(
      new Option('--format <format>', 'how the report is written')
        .choices(REPORT_FORMATS)
        .default('pretty'),
    )
    .option('--filter <text>', 'only tests whose name holds the text')
    .option('-q, --quiet', 'the report and nothing else')
    .option('--conf <file>', 'kong.conf with settings')
    .option('--plugins <list>', 'bundled, names, ./files.ts and packages of plugins of your own')
    .addHelpText(
      'after',
      `
kong.test.yaml holds tests of the kong.yaml beside it (or of what its 'config' names):

  # yaml-language-server: $schema=./.silverback.tests.schema.json
  tests:
    - name: orders need a token
      request: { url: /orders/7 }
      expect: { status: 401, upstream: null }
    - name: a customer's order comes from the order service
      request:
        url: /orders/7
        token: { consumer: alice, claims: { role: customer } }
      upstream: { status: 200, body: { id: 7 } }
      expect:
        status: 200
        consumer: alice
        body: { json: { id: 7 } }
        upstream: { url: 'http://orders.internal:8080/v1/7', headers: { X-Consumer-Username: alice } }
    - name: the sixth request of a minute is too many
      steps:
        - { request: { url: /limited }, repeat: 5, expect: { status: 200 } }
        - { request: { url: /limited }, expect: { status: 429 } }
        - { request: { url: /limited }, after: 60s, expect: { status: 200 } }

Requests run through the gateway's own code in this process: no port is opened, upstreams and other
servers are faked, the clock stands still, and each test begins anew. The schema for editors:
  silverback schema --tests > .silverback.tests.schema.json
All fields: docs/testing-your-config.md. Exit codes: 0 all came as expected, 1 not, 2 nothing to run.

Examples:
  silverback test
  silverback test kong.test.yaml --filter token
  silverback test gateway/ --format junit > tests.xml`,
    )
    .action(async (paths: readonly string[], flags: TestFlags) => {
      const { testCommand } = await import('./test.ts');
      endWith(await testCommand(paths, flags));
    });
}
