/** Reads the log of a build that the command line writes for programs: lines `@nix {…}` on stderr. */

export interface BuildLogListener {
  /** What is going on, in a few words. */
  progress(text: string): void;
  /** A line for whoever wants to read along. */
  line(text: string): void;
}

/** Nix's numbers of activities and results. */
const COPY_PATH = 100;
const BUILD = 105;
const LOG_LINE = 101;
const PHASE = 104;
const PROGRESS = 105;

interface Message {
  readonly action?: string;
  readonly id?: number;
  readonly type?: number;
  readonly level?: number;
  readonly msg?: string;
  readonly fields?: readonly unknown[];
}

interface Activity {
  readonly name: string;
  readonly type: number;
  phase: string;
}

export class BuildLogReader {
  /** Errors, as far as the log has told any. */
  readonly errors: string[] = [];
  readonly #listener: BuildLogListener;
  /** What runs, by id. */
  readonly #running = new Map<number, Activity>();
  #rest = "";
  #built = 0;
  #toBuild = 0;
  #shown = "";

  constructor(listener: BuildLogListener) {
    this.#listener = listener;
  }

  push(chunk: string): void {
    const lines = (this.#rest + chunk).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#line(line);
  }

  /** After the last chunk. */
  end(): void {
    if (this.#rest !== "") this.#line(this.#rest);
    this.#rest = "";
  }

  #line(line: string): void {
    const message = line.startsWith("@nix ") ? parsed(line.slice("@nix ".length)) : null;
    if (message) this.#message(message);
    else this.#listener.line(withoutEscapes(line));
  }

  #message({ action, id = -1, type = -1, fields = [], level, msg = "" }: Message): void {
    if (action === "msg") {
      const text = withoutEscapes(msg);
      if (level === 0) this.errors.push(text.replace(/^error: /, ""));
      this.#listener.line(text);
    } else if (action === "start" && (type === BUILD || type === COPY_PATH)) {
      const path = String(fields[0]);
      this.#running.set(id, { name: nameOf(path), type, phase: "" });
      this.#listener.line(`${type === BUILD ? "building" : "fetching"} ${path}`);
    } else if (action === "stop") {
      this.#running.delete(id);
    } else if (action === "result") {
      const activity = this.#running.get(id);
      if (type === LOG_LINE) {
        this.#listener.line(`${activity?.name ?? ""}> ${withoutEscapes(String(fields[0]))}`);
        return;
      }
      if (type === PHASE && activity) activity.phase = String(fields[0]);
      // That of no single activity counts builds.
      if (type === PROGRESS && !activity) [this.#built = 0, this.#toBuild = 0] = fields.map(Number);
    }
    this.#progress();
  }

  #progress(): void {
    const doing = (type: number, word: string) => {
      const [first, ...more] = [...this.#running.values()].filter((each) => each.type === type);
      if (first === undefined) return [];
      const phase = first.phase === "" ? "" : ` (${first.phase})`;
      return [`${word} ${first.name}${phase}${more.length > 0 ? ` and ${more.length} more` : ""}`];
    };
    const count = this.#toBuild > 0 ? [`${this.#built} of ${this.#toBuild} built`] : [];
    const text = [...count, ...doing(BUILD, "building"), ...doing(COPY_PATH, "fetching")].join(
      ", ",
    );
    if (text === "" || text === this.#shown) return;
    this.#shown = text;
    this.#listener.progress(text);
  }
}

function parsed(text: string): Message | null {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** `hello-2.12` of `/nix/store/…-hello-2.12.drv`. */
function nameOf(path: string): string {
  return path.replace(/^.*\/[0-9a-z]{32}-/, "").replace(/\.drv$/, "");
}

const ESCAPES = new RegExp(
  [
    String.raw`\x1b\[[0-?]*[ -/]*[@-~]`,
    String.raw`\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?`,
    String.raw`[\x00-\x08\x0b-\x1f\x7f]`,
  ].join("|"),
  "g",
);

/** An output channel shows colours and cursor movements as rubbish. */
function withoutEscapes(text: string): string {
  return text.replace(ESCAPES, "");
}

/** A plan as the command line prints it, short enough for a question: names only, and not all of them. */
export function shortPlan(plan: string, most = 8): string {
  const sections = plan.split(/^(?! )/m);
  return sections
    .map((section) => {
      const [title = "", ...paths] = section.trimEnd().split("\n");
      const names = paths.slice(0, most).map((path) => `  ${nameOf(path.trim())}`);
      const rest = paths.length > most ? [`  and ${paths.length - most} more`] : [];
      return [title, ...names, ...rest].join("\n");
    })
    .join("\n");
}
