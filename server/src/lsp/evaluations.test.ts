import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { RootResult } from "../host/evaluation-protocol.ts";
import type { EvaluationView } from "../ide/evaluation-view.ts";
import type { Outcome } from "./evaluation-client.ts";
import { type DocumentStatus, type Evaluate, Evaluations } from "./evaluations.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const success: RootResult = {
  derivations: {},
  error: null,
  isRoot: true,
  role: "expression",
  through: null,
};

function setUp() {
  const asked: string[] = [];
  const views: [id: string, view: EvaluationView][] = [];
  const statuses: string[] = [];
  let finish: ((outcome: Outcome) => void) | null = null;
  const client: Evaluate = {
    sync: () => {},
    changedOnDisk: () => {},
    cancel: () => {},
    evaluate: (root) => {
      asked.push(root);
      return new Promise((resolve) => {
        finish = resolve;
      });
    },
  };
  const evaluations = new Evaluations(client, {
    onEvaluated: (id, view) => views.push([id, view]),
    roleOf: () => null,
    onStatus: (id, { state, error }: DocumentStatus) =>
      statuses.push(`${id} ${state}${error === null ? "" : `: ${error}`}`),
  });
  const end = async (outcome: Outcome = { kind: "evaluated", result: success }) => {
    const resolve = finish;
    finish = null;
    resolve?.(outcome);
    await vi.advanceTimersByTimeAsync(0);
  };
  const change = (id: string, revision: number) =>
    evaluations.changed(id, id, revision, `text ${revision}`);
  return { evaluations, asked, views, statuses, end, change };
}

test("a document is evaluated as soon as it changes", async () => {
  const { asked, views, statuses, end, change } = setUp();
  change("/a", 1);
  expect(asked).toEqual(["/a"]);
  await end();
  expect(views).toEqual([["/a", { revision: 1, derivations: [], error: null }]]);
  expect(statuses).toEqual(["/a evaluating", "/a ready"]);
});

test("a result from before a restart is dropped", async () => {
  const { evaluations, asked, views, end, change } = setUp();
  change("/a", 1);
  evaluations.restart();
  let settled = false;
  void evaluations.settled("/a", 1000).then(() => {
    settled = true;
  });
  await end();
  expect([views.length, settled]).toEqual([0, false]);
  expect(asked).toEqual(["/a", "/a"]);
  await end();
  expect([views.length, settled]).toEqual([1, true]);
});

test("a result for an older text is dropped and the newer text evaluated", async () => {
  const { asked, views, end, change } = setUp();
  change("/a", 1);
  change("/a", 2);
  expect(asked).toEqual(["/a"]);
  await end({ kind: "cancelled" });
  expect(views).toEqual([]);
  expect(asked).toEqual(["/a", "/a"]);
  await end();
  expect(views.map(([, { revision }]) => revision)).toEqual([2]);
});

test("the other documents follow when it is quiet", async () => {
  const { asked, end, change } = setUp();
  change("/a", 1);
  await end();
  change("/b", 1);
  await end();
  expect(asked).toEqual(["/a", "/b"]);
  await vi.advanceTimersByTimeAsync(500);
  expect(asked).toEqual(["/a", "/b", "/a"]);
  await end();
  await vi.advanceTimersByTimeAsync(5000);
  expect(asked).toHaveLength(3);
});

test("waiting ends with the evaluation of the newest text, or in time", async () => {
  const { evaluations, end, change } = setUp();
  change("/a", 1);
  const order: string[] = [];
  const early = evaluations.settled("/a", 10).then(() => order.push("in time"));
  await vi.advanceTimersByTimeAsync(11);
  await early;
  const settled = evaluations.settled("/a", 100_000).then(() => order.push("evaluated"));
  await end();
  await settled;
  expect(order).toEqual(["in time", "evaluated"]);
  await evaluations.settled("/a", 100_000);
  await evaluations.settled("/unknown", 100_000);
});

test("a document that kills the Worker is not evaluated again before it changes", async () => {
  const { asked, statuses, views, end, change } = setUp();
  change("/a", 1);
  const error = { message: "it died\nbadly", code: "crash", at: null, trace: [], suggestions: [] };
  await end({ kind: "died", error });
  expect(statuses).toEqual(["/a evaluating", "/a error: it died"]);
  expect(views[0]?.[1].error).toBe(error);
  await vi.advanceTimersByTimeAsync(1000);
  expect(asked).toEqual(["/a"]);
  change("/b", 2);
  await end();
  await vi.advanceTimersByTimeAsync(1000);
  expect(asked).toEqual(["/a", "/b"]);
  change("/a", 3);
  expect(asked).toEqual(["/a", "/b", "/a"]);
});

test("a change on disk evaluates everything again", async () => {
  const { evaluations, asked, end, change } = setUp();
  change("/a", 1);
  await end();
  await vi.advanceTimersByTimeAsync(1000);
  evaluations.changedOnDisk(["/x"]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(asked).toEqual(["/a", "/a"]);
});

test("a closed document is forgotten while it is evaluated", async () => {
  const { evaluations, views, end, change } = setUp();
  change("/a", 1);
  const settled = evaluations.settled("/a", 100_000);
  evaluations.closed("/a");
  await settled;
  await end();
  expect(views).toEqual([]);
});

test("a file that is no root is idle", async () => {
  const { statuses, end, change } = setUp();
  change("/a", 1);
  await end({ kind: "evaluated", result: { ...success, isRoot: false } });
  expect(statuses[1]).toBe("/a idle");
});

test("places in a document that is no file are the document's", async () => {
  const { evaluations, views, end } = setUp();
  evaluations.changed("untitled:U", "/w/U.nix", 1, "x");
  const place = { file: "/w/U.nix", line: 1, column: 1, text: "" };
  const error = { message: "", code: "throw", at: place, trace: [place], suggestions: [] };
  const hint = { start: 0, end: 1, name: "n", drvPath: "/d", outputs: [] };
  await end({
    kind: "evaluated",
    result: {
      derivations: { "/w/U.nix": [hint] },
      error,
      isRoot: true,
      role: "expression",
      through: null,
    },
  });
  const view = views[0]?.[1];
  expect(view?.derivations).toEqual([hint]);
  expect(view?.error?.at?.file).toBe("untitled:U");
  expect(view?.error?.trace[0]?.file).toBe("untitled:U");
});

test("what is no root shows what another evaluation found in it, and changes evaluate that one", async () => {
  const { asked, views, end, change } = setUp();
  const hint = { start: 0, end: 1, name: "n", drvPath: "/d", outputs: [] };
  const used: RootResult = { ...success, derivations: { "/function": [hint] } };
  change("/function", 1);
  await end({ kind: "evaluated", result: { ...success, isRoot: false } });
  change("/root", 2);
  await end({ kind: "evaluated", result: used });
  expect(views.slice(1)).toEqual([
    ["/root", { revision: 2, derivations: [], error: null }],
    ["/function", { revision: 1, derivations: [hint], error: null }],
  ]);
  await vi.advanceTimersByTimeAsync(500);
  await end({ kind: "evaluated", result: { ...success, isRoot: false } });
  // Its own evaluation knows nothing of it, and takes nothing away.
  expect(views).toHaveLength(3);
  asked.length = 0;
  change("/function", 3);
  expect(asked).toEqual(["/root"]);
  await end({ kind: "evaluated", result: used });
  expect(views[4]).toEqual(["/function", { revision: 3, derivations: [hint], error: null }]);
  expect(asked).toEqual(["/root", "/function"]);
});

test("an error inside of what is no root shows there too", async () => {
  const { views, end, change } = setUp();
  change("/function", 1);
  await end({ kind: "evaluated", result: { ...success, isRoot: false } });
  change("/root", 2);
  const at = { file: "/function", line: 1, column: 1, text: "" };
  const error = { message: "no", code: "throw", at, trace: [], suggestions: [] };
  await end({ kind: "evaluated", result: { ...success, error } });
  expect(views.slice(1).map(([id, view]) => [id, view.error?.message])).toEqual([
    ["/root", "no"],
    ["/function", "no"],
  ]);
});

test("what others define wrong is not an error of a file that is evaluated through another", async () => {
  const { views, end, change } = setUp();
  change("/host", 1);
  const wrong = (file: string) => ({
    message: `wrong in ${file}`,
    code: "throw",
    at: null,
    trace: [],
    suggestions: [],
    option: { name: "a", problem: "value" as const, near: [] },
    files: [file],
  });
  const [error, ...others] = [wrong("/web"), wrong("/host")];
  const result = { ...success, error: error ?? null, others };
  await end({ kind: "evaluated", result: { ...result, through: "/flake.nix" } });
  change("/host", 2);
  await end({ kind: "evaluated", result });
  expect(views.map(([, view]) => view.error?.message)).toEqual(["wrong in /host", "wrong in /web"]);
});

test("a stopped evaluation is not started again before something changes", async () => {
  const { evaluations, asked, statuses, end, change } = setUp();
  change("/a", 1);
  evaluations.stop("/a");
  await end({ kind: "cancelled" });
  await vi.advanceTimersByTimeAsync(1000);
  expect(asked).toEqual(["/a"]);
  expect(statuses.at(-1)).toMatch(/^\/a error: the evaluation was stopped/);
  change("/a", 2);
  expect(asked).toEqual(["/a", "/a"]);
});
