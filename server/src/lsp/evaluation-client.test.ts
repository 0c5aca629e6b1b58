import { expect, test, vi } from "vitest";
import {
  type EvaluationOptions,
  type EvaluationWorkerListener,
  type RootResult,
  SHARED,
  type WorkerRequest,
  type WorkerStart,
} from "../host/evaluation-protocol.ts";
import { EvaluationClient } from "./evaluation-client.ts";

const options: EvaluationOptions = {
  trusted: true,
  workspaceFolders: [],
  nixPath: [],
  system: null,
  nixVersion: "2.26",
  depth: 100,
  timeLimit: 1000,
};

const result: RootResult = {
  derivations: {},
  error: null,
  isRoot: true,
  role: "expression",
  through: null,
};

/** A Worker that does nothing by itself; the test plays it. */
class FakeWorker {
  readonly requests: WorkerRequest[] = [];
  readonly start: WorkerStart;
  readonly listener: EvaluationWorkerListener;
  terminated = false;

  constructor(start: WorkerStart, listener: EvaluationWorkerListener) {
    this.start = start;
    this.listener = listener;
  }

  last(): WorkerRequest | undefined {
    return this.requests[this.requests.length - 1];
  }

  get wanted(): number {
    return Atomics.load(new Int32Array(this.start.shared), SHARED.wantedRevision);
  }
}

function setUp() {
  const workers: FakeWorker[] = [];
  const log: string[] = [];
  const client = new EvaluationClient({
    options,
    memoryLimit: 100,
    log: (message) => log.push(message),
    start: (start, _memory, listener) => {
      const worker = new FakeWorker(start, listener);
      workers.push(worker);
      return {
        post: (request) => worker.requests.push(request),
        terminate: () => {
          worker.terminated = true;
        },
      };
    },
  });
  const worker = () => workers[workers.length - 1] as FakeWorker;
  return { client, workers, worker, log };
}

/** Answers the newest `evaluate`. */
function evaluated(worker: FakeWorker): void {
  const request = worker.last();
  if (request?.type !== "evaluate") throw new Error("nothing is being evaluated");
  const { root, revision } = request;
  worker.listener.onReply({ type: "evaluated", root, revision, result });
}

const contents = (text: string) => [{ path: "/a.nix", open: true, contents: text }];

test("a Worker is made for the first evaluation and told of the documents", async () => {
  const { client, workers, worker } = setUp();
  client.sync(contents("1"));
  expect(workers).toHaveLength(0);
  const outcome = client.evaluate("/a.nix");
  expect(worker().requests[0]).toMatchObject({ type: "sync", documents: contents("1") });
  evaluated(worker());
  expect(await outcome).toEqual({ kind: "evaluated", result });
});

test("a change is seen through shared memory before its message", async () => {
  const { client, worker } = setUp();
  client.sync(contents("1"));
  const outcome = client.evaluate("/a.nix");
  const before = worker().wanted;
  client.sync(contents("2"));
  expect(worker().wanted).toBeGreaterThan(before);
  const evaluate = worker().requests.find((request) => request.type === "evaluate");
  if (evaluate?.type !== "evaluate") throw new Error("not asked");
  expect(evaluate.revision).toBeLessThan(worker().wanted);
  worker().listener.onReply({ ...evaluate, type: "cancelled" });
  expect(await outcome).toEqual({ kind: "cancelled" });
});

test.each([
  ["memory-limit", /memoryLimit/],
  ["stack-overflow", /stack overflow/],
  ["crash", /unexpectedly/],
] as const)("a Worker that ends with %s is reported and replaced", async (reason, message) => {
  const { client, workers, worker, log } = setUp();
  client.sync(contents("1"));
  const outcome = client.evaluate("/a.nix");
  const query = client.query({ kind: "derivation", drvPath: "/x" }, 10_000);
  worker().listener.onEnd({ reason, message: "details" });
  expect(await outcome).toMatchObject({
    kind: "died",
    error: { code: reason, message: expect.stringMatching(message) },
  });
  expect(await query).toBeNull();
  expect(log).toEqual(["evaluation worker: details"]);
  const next = client.evaluate("/a.nix");
  expect(workers).toHaveLength(2);
  expect(worker().requests[0]).toMatchObject({ type: "sync", documents: contents("1") });
  evaluated(worker());
  expect(await next).toMatchObject({ kind: "evaluated" });
});

test("what lacks memory after other evaluations gets a new Worker, once", async () => {
  const { client, workers, worker } = setUp();
  client.sync(contents("1"));
  const first = client.evaluate("/a.nix");
  evaluated(worker());
  await first;
  const second = client.evaluate("/a.nix");
  worker().listener.onEnd({ reason: "memory-limit", message: "full" });
  expect(workers).toHaveLength(2);
  expect(worker().requests[0]).toMatchObject({ type: "sync", documents: contents("1") });
  expect(worker().last()).toMatchObject({ type: "evaluate", root: "/a.nix" });
  worker().listener.onEnd({ reason: "memory-limit", message: "full" });
  expect(await second).toMatchObject({ kind: "died", error: { code: "memory-limit" } });
  expect(workers).toHaveLength(2);
});

test("a Worker that does not stop at its time limit is ended", async () => {
  vi.useFakeTimers();
  const { client, worker } = setUp();
  const outcome = client.evaluate("/a.nix");
  vi.advanceTimersByTime(3001);
  vi.useRealTimers();
  expect(await outcome).toMatchObject({ kind: "died", error: { code: "time-limit" } });
  expect(worker().terminated).toBe(true);
});

test("a query is answered, or with null when it takes too long or nothing runs", async () => {
  const { client, worker } = setUp();
  expect(await client.query({ kind: "derivation", drvPath: "/x" }, 1000)).toBeNull();
  client.evaluate("/a.nix").catch(() => {});
  const slow = client.query({ kind: "derivation", drvPath: "/x" }, 5);
  expect(await slow).toBeNull();
  const answered = client.query({ kind: "derivation", drvPath: "/y" }, 1000);
  const request = worker().last();
  if (request?.type !== "query") throw new Error("not asked");
  worker().listener.onReply({ type: "answer", id: request.id, answer: "text" });
  expect(await answered).toBe("text");
});

test("no Worker at all is an answer too", async () => {
  const client = new EvaluationClient({
    options,
    memoryLimit: 100,
    log: () => {},
    start: () => {
      throw new Error("no threads here");
    },
  });
  expect(await client.evaluate("/a.nix")).toMatchObject({ kind: "died", error: { code: "crash" } });
});

test("other options end the Worker", async () => {
  const { client, worker } = setUp();
  const outcome = client.evaluate("/a.nix");
  expect(client.configure({ ...options }, 100)).toBe(false);
  expect(client.configure({ ...options, trusted: false }, 10)).toBe(true);
  expect(await outcome).toEqual({ kind: "cancelled" });
  expect(worker().terminated).toBe(true);
  client.evaluate("/a.nix").catch(() => {});
  expect(worker().start.options.trusted).toBe(false);
});
