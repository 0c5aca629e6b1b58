/** The two evaluations of one workspace: flakes are evaluated purely, everything else is not. */
import { type ByteString, bytesToText } from "../base/bytes.ts";
import type { EvalHost } from "../eval/host.ts";
import { EvaluationSession, type RootReport } from "../eval/session.ts";
import type { EvalSettings } from "../eval/settings.ts";
import { flakeBuiltins } from "../flake/builtins.ts";
import { flakeSession } from "../flake/flake-session.ts";
import type { FileRole } from "../scope/file-role.ts";
import type { Store } from "../store/store.ts";
import type { EvaluationProgress } from "./evaluation-protocol.ts";

export class EvaluationSessions {
  readonly #plain: EvaluationSession;
  readonly #flake: EvaluationSession;
  /** Files that were evaluated through a flake the last time, and its `flake.nix`. */
  readonly #throughFlake = new Map<ByteString, ByteString>();

  constructor(host: EvalHost, store: Store, settings: EvalSettings) {
    this.#plain = new EvaluationSession(host, store, settings, flakeBuiltins(settings.features));
    this.#flake = flakeSession(host, store, settings);
  }

  get all(): readonly EvaluationSession[] {
    return [this.#plain, this.#flake];
  }

  /** The one that evaluates a root, and the role in which it does. */
  of(
    root: ByteString,
    role: FileRole | null,
  ): { session: EvaluationSession; role: FileRole | null } {
    const isFlake = role === "flake" || (role === null && root.endsWith("/flake.nix"));
    return isFlake ? { session: this.#flake, role: "flake" } : { session: this.#plain, role };
  }

  /** A file that only makes sense through others may be used by a flake: then it is evaluated purely. */
  evaluate(root: ByteString, role: FileRole | null): RootReport {
    const { session, role: asked } = this.of(root, role);
    const isFlake = session === this.#flake;
    this.#throughFlake.delete(root);
    if (isFlake) return session.evaluateRoot(root, asked);
    return session.evaluateRoot(root, asked, (own, written) => {
      const report = this.#flake.evaluateThroughFlake(root, own, written);
      if (report?.through) this.#throughFlake.set(root, report.through);
      return report;
    });
  }

  /** The flake that a file has been evaluated through, and its output if it was one; null for other files. */
  flakeUse(
    root: ByteString,
  ): { readonly flake: ByteString; readonly part: ByteString | null } | null {
    const flake = this.#throughFlake.get(root);
    if (flake === undefined) return null;
    const use = this.#flake.useOf(root);
    return { flake, part: use?.user === flake ? use.part : null };
  }

  setDocument(path: ByteString, contents: ByteString | null, open: boolean): void {
    for (const session of this.all) session.setDocument(path, contents, open);
  }

  changedOnDisk(paths: readonly ByteString[] | null): void {
    for (const session of this.all) session.changedOnDisk(paths);
  }

  /** What they have done, and what one of them is about. */
  get progress(): EvaluationProgress {
    const all = this.all.map(({ ev }) => ev);
    const [hashing = null] = all.flatMap(({ hashing, files }) =>
      // A file of a flake is shown where it can be edited.
      hashing ? { ...hashing, path: bytesToText(files.physical(hashing.path)) } : [],
    );
    return {
      files: all.reduce((sum, ev) => sum + ev.parsedFiles, 0),
      derivations: all.reduce((sum, ev) => sum + ev.derivations, 0),
      hashing,
    };
  }

  /** Where a path on disk is that may be in the store, or of a flake that is edited. */
  physical(path: ByteString): ByteString {
    return this.#flake.ev.files.physical(path);
  }

  /** The first answer that is not null. */
  ask<T>(question: (session: EvaluationSession) => T | null): T | null {
    for (const session of this.all) {
      const answer = question(session);
      if (answer !== null) return answer;
    }
    return null;
  }

  /** Runs something that the evaluator interrupts now and then to call `poll`. */
  polled<T>(poll: () => void, run: () => T): T {
    const before = this.all.map(({ ev }) => ev.poll);
    for (const { ev } of this.all) ev.poll = poll;
    try {
      return run();
    } finally {
      this.all.forEach(({ ev }, i) => {
        ev.poll = before[i] ?? null;
      });
    }
  }

  /** Asks something in the middle of an evaluation: as `Evaluator.meanwhile`. */
  meanwhile<T>(ask: () => T): T {
    return this.#plain.ev.meanwhile(() => this.#flake.ev.meanwhile(ask));
  }
}
