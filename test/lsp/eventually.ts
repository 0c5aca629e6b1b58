/** What a server finds out in the background is asked for again until it is there. */
import { expect } from "vitest";

/** The first answer that is right, or the one after which nobody waits any longer. */
export async function eventually<T>(
  ask: () => Promise<T>,
  isRight: (answer: T) => boolean,
): Promise<T> {
  for (let i = 0; ; i++) {
    const answer = await ask();
    if (isRight(answer) || i > 200) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export async function expectEventually<T>(ask: () => Promise<T>, wanted: T): Promise<void> {
  const isWanted = (answer: T) => JSON.stringify(answer) === JSON.stringify(wanted);
  expect(await eventually(ask, isWanted)).toEqual(wanted);
}
