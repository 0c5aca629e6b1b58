/** The files of a session of the editor in random tests: edited in documents, written, created, deleted. */
import type { EvaluationSession } from "../eval/session.ts";
import type { MemoryHost } from "./memory-host.ts";
import type { Random, Write } from "./random.ts";

export class EditedFiles {
  /** What documents say. */
  readonly open = new Map<string, string>();
  /** What has been done, the newest last. */
  readonly log: string[] = [];
  readonly #host: MemoryHost;
  readonly #session: EvaluationSession;

  constructor(host: MemoryHost, session: EvaluationSession) {
    this.#host = host;
    this.#session = session;
  }

  text(path: string): string | undefined {
    const file = this.open.get(path) ?? this.#host.files.get(path);
    return typeof file === "string" ? file : undefined;
  }

  edit(path: string, text: string): void {
    this.log.push(`edit ${path}\n${text}`);
    this.open.set(path, text);
    this.#session.setDocument(path, text, true);
  }

  /** In its document, which may have to be opened, or on disk. */
  change(path: string, text: string, random: Random): void {
    if (this.open.has(path) || random.below(2) === 0) {
      this.edit(path, text);
      return;
    }
    this.log.push(`write ${path}\n${text}`);
    this.#host.files.set(path, text);
    this.#session.changedOnDisk([path]);
  }

  /** Closes a document; a file that is not open comes or goes. */
  closeOrToggle(path: string, write: Write | undefined, random: Random): void {
    if (this.open.delete(path)) {
      this.log.push(`close ${path}`);
      this.#session.setDocument(path, null, false);
      return;
    }
    if (!this.#host.files.delete(path) && write) this.#host.files.set(path, write(random));
    this.log.push(`${this.#host.files.has(path) ? "create" : "delete"} ${path}`);
    this.#session.changedOnDisk([path]);
  }
}
