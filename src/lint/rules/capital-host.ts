/** SB2024: hosts are compared letter by letter, and clients write them in lower case (RFC 9110 section 4.2.3). */
import { called } from '../names.ts';
import { at, type Rule } from '../rule.ts';

export const capitalHost: Rule = {
  code: 'SB2024',
  check: ({ entities }) =>
    entities.routes.flatMap((route) =>
      (route.hosts ?? []).flatMap((host, index) =>
        host === host.toLowerCase()
          ? []
          : {
              message: `the host '${host}' of ${called('route', route)} has capitals, and hosts are compared letter by letter`,
              help: `write '${host.toLowerCase()}', as clients do`,
              at: at(route, 'hosts', index),
              suggestion: host.toLowerCase(),
            },
      ),
    ),
};
