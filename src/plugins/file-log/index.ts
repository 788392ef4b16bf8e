/** Appends a record of each request to a file, one a line. Kong: file-log. */
import type { FileLogConfig } from '../../config/schema-types.ts';
import { definePlugin } from '../../plugin.ts';
import { recordText } from '../../telemetry/record.ts';
import { createLineFile } from './line-file.ts';

export const fileLog = definePlugin<FileLogConfig>({
  name: 'file-log',
  priority: 9,
  compile({ path, reopen }, { log }) {
    const file = createLineFile({ path, reopens: reopen, log });
    return {
      measures: true,
      log: (ctx, outcome) => file.push(recordText(ctx, outcome)),
      close: () => file.close(),
    };
  },
});
