/** What every measured process does beside its work: say where it listens, and how much CPU it has used. */

/** Tells the parent the port and answers its questions. CPU time is user and system, in microseconds. */
export function report(port) {
  process.on('message', (question) => {
    if (question === 'cpu') {
      const { user, system } = process.cpuUsage();
      process.send({ cpuUs: user + system });
    }
  });
  process.on('disconnect', () => process.exit());
  process.send({ port });
}
