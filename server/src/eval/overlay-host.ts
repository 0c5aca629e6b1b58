/** The world as if every open document were saved: documents first, then the host behind. */
import type { ByteString } from "../base/bytes.ts";
import type { Answer, EvalHost, FileStat, FileType } from "./host.ts";
import { parentPath, pathBaseName } from "./lib/canonical-path.ts";

export class OverlayHost implements EvalHost {
  readonly #behind: EvalHost;
  readonly #documents = new Map<ByteString, ByteString>();

  constructor(behind: EvalHost) {
    this.#behind = behind;
  }

  /** Sets what an open document says; null when it is closed. */
  setDocument(path: ByteString, contents: ByteString | null): void {
    if (contents === null) this.#documents.delete(path);
    else this.#documents.set(path, contents);
  }

  has(path: ByteString): boolean {
    return this.#documents.has(path);
  }

  stat(path: ByteString): Answer<FileStat | null> {
    const behind = this.#behind.stat(path);
    if (!this.#documents.has(path)) return behind;
    if (behind.ok === true && behind.value !== null) return behind;
    return { ok: true, value: { type: "regular", executable: false } };
  }

  readFile(path: ByteString): Answer<ByteString> {
    const contents = this.#documents.get(path);
    return contents === undefined ? this.#behind.readFile(path) : { ok: true, value: contents };
  }

  readDirectory(path: ByteString): Answer<Map<ByteString, FileType>> {
    const behind = this.#behind.readDirectory(path);
    if (behind.ok !== true) return behind;
    for (const document of this.#documents.keys()) {
      const name = pathBaseName(document);
      if (parentPath(document) === path && !behind.value.has(name))
        behind.value.set(name, "regular");
    }
    return behind;
  }

  readLink(path: ByteString): Answer<ByteString> {
    return this.#behind.readLink(path);
  }

  environment(name: ByteString): ByteString {
    return this.#behind.environment(name);
  }

  currentTime(): number {
    return this.#behind.currentTime();
  }

  message(kind: "trace" | "warning", text: ByteString): void {
    this.#behind.message(kind, text);
  }
}
