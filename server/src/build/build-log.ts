/** The output of one builder: lines for whoever watches, all of it in a file, the end for messages. */
import * as fs from "node:fs";
import { type ByteString, bytesToText } from "../base/bytes.ts";
import { readJson } from "./json-value.ts";

/** Lines of a failed builder's log that its message shows: Nix's `log-lines`. */
const TAIL_LINES = 25;

/** A longer line is given in pieces. */
const LONGEST_LINE = 1 << 16;

/** Where the log of a derivation's last build is. @param root of the store */
export function logFile(root: string, drvPath: ByteString): string {
  const base = bytesToText(drvPath.slice(drvPath.lastIndexOf("/") + 1));
  return `${root}/log/${base.slice(0, 2)}/${base.slice(2)}.log`;
}

export interface LogListener {
  line(text: ByteString): void;
  phase(name: ByteString): void;
}

export class BuildLog {
  readonly tail: ByteString[] = [];
  readonly #listener: LogListener;
  readonly #fd: number;
  #line = "";
  /** Where the next byte goes: a carriage return goes back to the start of the line. */
  #column = 0;

  /** @param file is written anew */
  constructor(file: string, listener: LogListener) {
    this.#listener = listener;
    this.#fd = fs.openSync(file, "w", 0o644);
  }

  push(chunk: Uint8Array): void {
    for (let done = 0; done < chunk.length; ) done += fs.writeSync(this.#fd, chunk, done);
    const text = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString("latin1");
    for (const part of text.split(/(?<=[\r\n])/)) this.#part(part);
  }

  /** After the builder has ended. */
  end(): void {
    if (this.#line !== "") this.#flush();
    fs.closeSync(this.#fd);
  }

  /** Text with at most one line end or carriage return, at its end. */
  #part(part: ByteString): void {
    const end = part.at(-1);
    const text = end === "\n" || end === "\r" ? part.slice(0, -1) : part;
    this.#line =
      this.#line.slice(0, this.#column) + text + this.#line.slice(this.#column + text.length);
    this.#column += text.length;
    if (end === "\r") this.#column = 0;
    if (end === "\n" || this.#line.length > LONGEST_LINE) this.#flush();
  }

  #flush(): void {
    const line = this.#line;
    this.#line = "";
    this.#column = 0;
    if (line.startsWith("@nix ") && this.#message(line.slice("@nix ".length))) return;
    this.#listener.line(line);
    this.tail.push(line);
    if (this.tail.length > TAIL_LINES) this.tail.shift();
  }

  /** A message of the builder for Nix itself. False: it is none, but a line like others. */
  #message(text: ByteString): boolean {
    try {
      const message = readJson(text);
      if (!(message instanceof Map)) return false;
      const phase = message.get("phase");
      if (message.get("action") === "setPhase" && typeof phase === "string")
        this.#listener.phase(phase);
      return true;
    } catch {
      return false;
    }
  }
}
