/** A consumer's membership in a group, as the files have it: in the consumer's list of groups. */
import type { FileEdit, WriteBase } from './types.ts';
import type { ConfigIndex, Row } from '../index-config.ts';
import { NO_FILE } from './create.ts';
import { referenceText } from './written.ts';

interface Membership {
  readonly consumer: Row;
  readonly group: Row;
}

/** The edit that adds it; none for a consumer that no file has. */
export function membershipEdit(
  { consumer, group }: Membership,
  index: ConfigIndex,
  base: WriteBase,
): readonly FileEdit[] {
  const ofConsumer = base.placeOf('consumers', consumer.id);
  if (ofConsumer === undefined) return [];
  const file = base.files[ofConsumer.file] ?? NO_FILE;
  const name = referenceText(index, 'consumer_groups', group.id, file);
  return [
    {
      file: ofConsumer.file,
      edit: { op: 'append', path: [...ofConsumer.path, 'groups'], value: { name } },
    },
  ];
}
