/**
 * A file that lines are appended to, by several processes at once: each write is whole lines at the end
 * of the file (`O_APPEND`), so that they never mix. Lines of one turn of the event loop go together.
 */
import { open, type FileHandle } from 'node:fs/promises';
import type { Logger } from '../../log.ts';
import { createDropLog } from '../../telemetry/drops.ts';

export interface LineFile {
  /** Never blocks and never throws. */
  push(line: string): void;
  /** Writes what is there, as long as the file takes it. */
  close(): Promise<void>;
}

export interface LineFileOptions {
  readonly path: string;
  /** Opens the file anew for every write: it may have been moved away. */
  readonly reopens: boolean;
  readonly log: Logger;
}

/** `rw-r--r--`, as Kong makes it. */
const MODE = 0o644;
/** What may wait for a slow disk. */
const PENDING_BYTES_MAX = 64 * 1024 * 1024;
/** A disk that does not answer must not keep the process. */
const CLOSE_MS = 5000;

export function createLineFile(options: LineFileOptions): LineFile {
  const { path, reopens, log } = options;
  const drops = createDropLog(log);
  let lines: string[] = [];
  let bytes = 0;
  let kept: FileHandle | undefined;
  let writing: Promise<void> | undefined;

  async function run(): Promise<void> {
    // The request is not to wait, and others of this turn may follow.
    await new Promise(setImmediate);
    while (lines.length > 0) {
      const batch = lines;
      lines = [];
      bytes = 0;
      // oxlint-disable-next-line no-await-in-loop -- one write after another keeps the order
      await append(batch);
    }
    writing = undefined;
  }

  async function append(batch: readonly string[]): Promise<void> {
    try {
      const file = (kept ??= await open(path, 'a', MODE));
      await writeWhole(file, Buffer.from(`${batch.join('\n')}\n`));
    } catch (error) {
      drops.dropped(batch.length, error instanceof Error ? error.message : 'not written');
      await release();
    }
    if (reopens) await release();
  }

  async function release(): Promise<void> {
    const file = kept;
    kept = undefined;
    await file?.close().catch(() => undefined);
  }

  return {
    push(line) {
      const length = Buffer.byteLength(line) + 1;
      if (bytes + length > PENDING_BYTES_MAX) return drops.dropped(1, 'the disk is too slow');
      lines.push(line);
      bytes += length;
      writing ??= run();
    },
    async close() {
      await Promise.race([writing, timeUp()]);
      await release();
      drops.close();
    },
  };
}

/** The system may take less than all of it, e.g. into a pipe. */
async function writeWhole(file: FileHandle, text: Buffer): Promise<void> {
  for (let done = 0; done < text.length;) {
    // oxlint-disable-next-line no-await-in-loop -- the rest follows what was taken
    const { bytesWritten } = await file.write(text, done);
    done += bytesWritten;
  }
}

const timeUp = (): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, CLOSE_MS).unref();
  });
