import { expect, test, vi } from "vitest";
import type { Availability } from "../host/evaluation-protocol.ts";
import { Availabilities } from "./availabilities.ts";

const answer = (state: "built" | "to-build"): Availability => ({
  states: { "/d.drv": state },
  shells: {},
});

test("what caches answer late to an earlier question is not taken", async () => {
  vi.useFakeTimers();
  try {
    let answerLate: (late: Availability) => void = () => {};
    const late = new Promise<Availability>((resolve) => {
      answerLate = resolve;
    });
    const answers = [answer("to-build"), late, answer("built"), answer("built")];
    const availabilities = new Availabilities({
      ask: async () => (await answers.shift()) ?? null,
      shown: () => ["/d.drv"],
      allowed: () => "caches",
      onChange: () => {},
    });
    availabilities.askSoon(["a"]);
    await vi.runAllTimersAsync();
    expect(availabilities.states.get("/d.drv")).toBe("to-build");
    // Something has been built meanwhile.
    availabilities.askSoon(["a"]);
    await vi.runAllTimersAsync();
    expect(availabilities.states.get("/d.drv")).toBe("built");
    answerLate(answer("to-build"));
    await vi.runAllTimersAsync();
    expect(availabilities.states.get("/d.drv")).toBe("built");
    availabilities.dispose();
  } finally {
    vi.useRealTimers();
  }
});
