/** Questions to another process: what one turn of the event loop asks goes in one message. */

/** Answered by a list of the same length. */
export interface Batch<Question> {
  readonly id: number;
  readonly questions: readonly Question[];
}

export interface Replies<Answer> {
  readonly id: number;
  readonly answers: readonly Answer[];
}

export interface TurnBatches<Question, Answer> {
  /** Rejects with the error of `tooLate` when no answer comes in time. */
  readonly ask: (question: Question) => Promise<Answer>;
  readonly receive: (replies: Replies<Answer>) => void;
}

interface Settings<Question> {
  readonly send: (batch: Batch<Question>) => void;
  readonly answerMs: number;
  readonly tooLate: () => Error;
}

interface Waiting<Answer> {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: Error) => void;
}

interface Sent<Answer> {
  readonly waiting: readonly Waiting<Answer>[];
  readonly timer: NodeJS.Timeout;
}

export function createTurnBatches<Question, Answer>({
  send,
  answerMs,
  tooLate,
}: Settings<Question>): TurnBatches<Question, Answer> {
  const sent = new Map<number, Sent<Answer>>();
  let questions: Question[] = [];
  let waiting: Waiting<Answer>[] = [];
  let nextId = 1;

  function flush(): void {
    const id = nextId++;
    const timer = setTimeout(() => giveUp(id), answerMs);
    timer.unref();
    sent.set(id, { waiting, timer });
    const batch = { id, questions };
    questions = [];
    waiting = [];
    send(batch);
  }

  function giveUp(id: number): void {
    const batch = sent.get(id);
    sent.delete(id);
    for (const { reject } of batch?.waiting ?? []) reject(tooLate());
  }

  return {
    ask(question) {
      if (questions.length === 0) setImmediate(flush);
      questions.push(question);
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
    receive({ id, answers }) {
      const batch = sent.get(id);
      if (batch === undefined) return;
      sent.delete(id);
      clearTimeout(batch.timer);
      for (const [i, answer] of answers.entries()) batch.waiting[i]?.resolve(answer);
    },
  };
}
