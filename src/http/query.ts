/** Query strings as Kong's plugins see them (nginx-lua's `get_uri_args`). */

/** A value, `true` for an argument without `=`, or all of them in order when repeated. */
export type QueryValue = string | true | readonly (string | true)[];
export type QueryArgs = ReadonlyMap<string, QueryValue>;
