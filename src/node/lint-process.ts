/** A process that looks one document over and ends: the warnings of the gateway's log are found here. */
import { lineOf } from '../config/diagnostic.ts';
import { pluginSet } from '../gateway/plugins.ts';
import { lintConfig } from '../lint/lint.ts';
import { importPlugins } from '../own-plugins/import.ts';
import { loadDocument } from './documents.ts';
import { textsOf } from './inspect.ts';
import type { LintOrder, LintResult } from './warning-log.ts';

process.once('message', (message) => void answer(message));

/** The parent says what to look at, once. A document that does not load here has no warnings. */
async function answer(message: unknown): Promise<void> {
  const { source, ownPlugins, ...settings } = toOrder(message);
  const plugins = pluginSet(await importPlugins(ownPlugins));
  const loaded = loadDocument(source, settings, { plugins });
  const texts = [...textsOf(source)].map(([file, text]) => ({ file, text }));
  const warnings = await lintConfig({ loaded, texts, now: Date.now(), pluginSet: plugins });
  const result: LintResult = { warnings: warnings.map(lineOf) };
  process.send?.(result, () => process.disconnect());
}

function toOrder(message: unknown): LintOrder {
  if (isOrder(message)) return message;
  throw new TypeError('the first message is the order');
}

const isOrder = (message: unknown): message is LintOrder =>
  typeof message === 'object' && message !== null && 'source' in message && 'plugins' in message;
