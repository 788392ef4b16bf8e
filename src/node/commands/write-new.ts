/** Writing a file that is not there yet. */
import { writeFileSync } from 'node:fs';

/** False when it is there already: then it stays as it is. */
export function writeNew(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && Reflect.get(error, 'code') === 'EEXIST') return false;
    throw error;
  }
}
