/**
 * The open documents: their URIs, their texts, and what of them differs from the disk.
 *
 * A document equal to its file is evaluated from the file's own bytes, so that a byte order mark and
 * bytes that are not UTF-8 survive; a changed one as the editor would save it.
 */
import type { TextDocumentContentChangeEvent } from "vscode-languageserver";
import { type ByteString, bytesToText } from "../base/bytes.ts";
import type { ColumnUnit } from "../base/line-table.ts";
import type { TextEdit } from "../base/source-text.ts";
import type { DiskFiles } from "../host/node-files.ts";
import type { AnalysisHost } from "../ide/analysis.ts";
import { applyContentChanges } from "./text-sync.ts";
import { idOfUri } from "./uri.ts";

export interface OpenDocument {
  readonly id: string;
  /** As the client writes it. */
  readonly uri: string;
  /** The client's number for the text. */
  readonly version: number;
  /** Ours: grows with every change of any document. */
  readonly revision: number;
  /** The path under which it is evaluated. */
  readonly path: string;
  /** Whether the file on disk starts with a byte order mark, which editors do not show. */
  readonly hasMark: boolean;
  /** Whether the text is the file's. */
  readonly isSaved: boolean;
}

const BYTE_ORDER_MARK = "\xef\xbb\xbf";
/** A larger file is not compared with its document. */
const LARGEST = 64 * 1024 * 1024;

export class Documents {
  readonly #host: AnalysisHost;
  readonly #files: DiskFiles;
  readonly #open = new Map<string, OpenDocument>();
  #revision = 0;

  constructor(host: AnalysisHost, files: DiskFiles) {
    this.#host = host;
    this.#files = files;
  }

  all(): OpenDocument[] {
    return [...this.#open.values()];
  }

  get(uri: string): OpenDocument | null {
    return this.#open.get(idOfUri(uri)) ?? null;
  }

  byId(id: string): OpenDocument | null {
    return this.#open.get(id) ?? null;
  }

  /** @param folder where a document that is no file is taken to be */
  open(uri: string, version: number, text: string, folder: string | null): OpenDocument {
    const id = idOfUri(uri);
    this.#revision += 1;
    this.#host.open(id, this.#revision, text);
    const path = id.startsWith("/") ? id : `${folder ?? ""}/${nameOf(id)}`;
    const revision = this.#revision;
    return this.#set({ id, uri, version, revision, path, ...this.#compare(id) });
  }

  change(
    uri: string,
    version: number,
    events: readonly TextDocumentContentChangeEvent[],
    unit: ColumnUnit,
  ): { document: OpenDocument; edits: readonly TextEdit[] } | null {
    const known = this.get(uri);
    const file = known && this.#host.analysis().file(known.id);
    if (!known || !file) return null;
    this.#revision += 1;
    const edited = applyContentChanges(file.content, events, unit);
    this.#host.edit(known.id, this.#revision, edited);
    const revision = this.#revision;
    const document = this.#set({ ...known, version, revision, isSaved: false });
    return { document, edits: edited.edits };
  }

  /** Compares a document with its file again: it was saved, or the file changed. */
  compare(uri: string): OpenDocument | null {
    const known = this.get(uri);
    return known && this.#set({ ...known, ...this.#compare(known.id) });
  }

  close(uri: string): OpenDocument | null {
    const known = this.get(uri);
    if (!known) return null;
    this.#open.delete(known.id);
    this.#host.close(known.id);
    return known;
  }

  /** The bytes to evaluate, or null for those on disk. */
  overlay(document: OpenDocument): ByteString | null {
    if (document.isSaved && this.#files.kind(document.path) === "file") return null;
    const source = this.#host.analysis().file(document.id)?.source ?? "";
    return document.hasMark ? BYTE_ORDER_MARK + source : source;
  }

  #compare(id: string): { hasMark: boolean; isSaved: boolean } {
    const bytes = id.startsWith("/") ? this.#files.read(id, LARGEST) : null;
    const content = this.#host.analysis().file(id)?.content;
    if (bytes === null || !content) return { hasMark: false, isSaved: false };
    const hasMark = bytes.startsWith(BYTE_ORDER_MARK);
    const shown = hasMark ? bytes.slice(BYTE_ORDER_MARK.length) : bytes;
    // Both as text: bytes that are no UTF-8 are shown as U+FFFD by the editor.
    return { hasMark, isSaved: shown === content.source || bytesToText(shown) === content.text };
  }

  #set(document: OpenDocument): OpenDocument {
    this.#open.set(document.id, document);
    return document;
  }
}

/** A file name for `untitled:Untitled-1`. */
function nameOf(id: string): string {
  const name = id.slice(id.indexOf(":") + 1).replaceAll(/[^a-zA-Z0-9._-]+/g, "-");
  return name.endsWith(".nix") ? name : `${name}.nix`;
}
