/** Lines of a batch as the datagrams they go in. */

/**
 * As many lines in one as fit into `bytesMax`; 0: each in one of its own. A line that is longer goes alone.
 * The count is Kong's, which forgets the line end behind the first line of all datagrams but the first.
 */
export function packetsOf(lines: readonly string[], bytesMax: number): readonly string[] {
  if (bytesMax === 0) return lines;
  const packets: string[] = [];
  let waiting: string[] = [];
  let bytes = 0;
  for (const line of lines) {
    const length = Buffer.byteLength(line);
    if (bytes + length > bytesMax) {
      if (waiting.length > 0) packets.push(waiting.join('\n'));
      waiting = [line];
      bytes = length;
    } else {
      waiting.push(line);
      bytes += length + 1;
    }
  }
  if (waiting.length > 0) packets.push(waiting.join('\n'));
  return packets;
}
