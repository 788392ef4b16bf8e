/** The temporary file behind a request body that does not fit in memory. */
import { randomUUID } from 'node:crypto';
import { read as readAt } from 'node:fs';
import { open, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { FileBody } from './body.ts';

const READ_BYTES = 64 * 1024;

export interface SpillFile {
  /** Appends; the first call creates the file. One call at a time. Rejects with a system error. */
  write(chunks: readonly Buffer[]): Promise<void>;
  /** What was written, as a body of `size` bytes. */
  body(size: number): FileBody;
  /** Gives the disk space back as soon as nothing uses the file. */
  release(): void;
}

/** Nothing is opened before the first write. */
export function createSpillFile(): SpillFile {
  let handle: FileHandle | undefined;
  let users = 0;
  let released = false;

  /** Runs while the file is in use; closes it when it was the last use after `release`. */
  async function use<T>(work: () => Promise<T>): Promise<T> {
    users += 1;
    try {
      return await work();
    } finally {
      leave();
    }
  }
  function leave(): void {
    users -= 1;
    closeIfOver();
  }
  function closeIfOver(): void {
    if (!released || users > 0 || handle === undefined) return;
    const closing = handle;
    handle = undefined;
    // Nothing is left to do about a close that fails: the descriptor is gone either way.
    closing.close().catch(() => {});
  }
  function opened(): FileHandle {
    if (handle === undefined || released) throw new Error('the body was released');
    return handle;
  }
  const release = (): void => {
    released = true;
    closeIfOver();
  };

  return {
    write: (chunks) =>
      use(async () => {
        handle ??= await openNameless();
        for (const chunk of chunks) await writeAll(handle, chunk);
      }),
    body: (size) => ({
      kind: 'file',
      size,
      open() {
        const { fd } = opened();
        users += 1;
        return readFrom(fd, leave);
      },
      bytes: () =>
        use(async () => {
          const target = Buffer.allocUnsafe(size);
          await readAll(opened(), target);
          return target;
        }),
      release,
    }),
    release,
  };
}

/** Readable by this user only, and without a name at once, so that no crash leaves it behind. */
async function openNameless(): Promise<FileHandle> {
  const path = join(tmpdir(), `silverback-body-${randomUUID()}`);
  const handle = await open(path, 'wx+', 0o600);
  await unlink(path);
  return handle;
}

/** A write to a file may be short when the disk is nearly full. */
async function writeAll(handle: FileHandle, chunk: Buffer): Promise<void> {
  for (let done = 0; done < chunk.length;) {
    done += (await handle.write(chunk, done)).bytesWritten;
  }
}

async function readAll(handle: FileHandle, target: Buffer): Promise<void> {
  for (let done = 0; done < target.length;) {
    const { bytesRead } = await handle.read(target, done, target.length - done, done);
    if (bytesRead === 0)
      throw new Error('the temporary body file is shorter than what was written');
    done += bytesRead;
  }
}

/** Reads by position, so that several tries do not disturb each other. Calls `onClose` once. */
function readFrom(fd: number, onClose: () => void): Readable {
  let position = 0;
  let reading = false;
  let afterRead: (() => void) | undefined;
  const stream = new Readable({
    highWaterMark: READ_BYTES,
    read() {
      reading = true;
      const buffer = Buffer.allocUnsafe(READ_BYTES);
      readAt(fd, buffer, 0, READ_BYTES, position, (error, bytesRead) => {
        reading = false;
        if (afterRead !== undefined) return afterRead();
        if (error) return void stream.destroy(error);
        position += bytesRead;
        stream.push(bytesRead === 0 ? null : buffer.subarray(0, bytesRead));
      });
    },
    destroy(error, done) {
      // The descriptor must outlive a read under way: its number could be given to another file.
      const finish = (): void => {
        onClose();
        done(error);
      };
      if (reading) afterRead = finish;
      else finish();
    },
  });
  return stream;
}
