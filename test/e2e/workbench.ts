/** A real VS Code, driven and read as a person does: by mouse, keys and what is on the screen. */
import { copyFileSync, cpSync, mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { inject } from "vitest";
import { startBrowser, startVscode } from "../../scripts/vscode.mjs";
import { giveAway, withoutNix } from "./no-nix.ts";

const root = join(import.meta.dirname, "../..");
const pictures = join(root, "out/e2e");

/** What VS Code's own workbench reports here: it runs without its gallery and service worker, and on slow machines. */
const HARMLESS = [/404/, /service ?worker/i, /EXTENSIONS_GALLERY|gallery/i, /getting tasks/];

/** A text that is somewhere, or a condition on all of it. */
type Expected = string | ((text: string) => boolean);

/** Long enough for a cold extension host; what is waited for usually takes a tenth of it. */
const PATIENCE = 30_000;

export class Workbench {
  readonly page: Page;
  /** The opened copy of examples/. */
  readonly folder: string;
  readonly #browser: Browser;
  readonly #stop: () => Promise<void>;
  readonly #errors: string[] = [];
  readonly #outside: string[] = [];

  private constructor(page: Page, folder: string, browser: Browser, stop: () => Promise<void>) {
    this.page = page;
    this.folder = folder;
    this.#browser = browser;
    this.#stop = stop;
    page.on("console", (message) => {
      const text = message.text();
      if (message.type() === "error" && !HARMLESS.some((known) => known.test(text))) {
        this.#errors.push(text);
      }
    });
    page.on("request", (request) => {
      const { protocol, hostname } = new URL(request.url());
      if (/^(http|ws)/.test(protocol) && !/^(127\.0\.0\.1|(.*\.)?localhost)$/.test(hostname)) {
        this.#outside.push(request.url());
      }
    });
  }

  /**
   * Opens a fresh VS Code on a fresh copy of examples/.
   *
   * @param name of its data folder and pictures
   * @param how `prepare` changes the copy before VS Code starts
   */
  static async open(
    name: string,
    how: {
      trusted: boolean;
      settings?: Record<string, unknown>;
      prepare?: (folder: string) => void;
      /** As an ordinary user where there is no Nix, if the machine lets us. */
      withoutNix?: boolean;
    },
  ): Promise<Workbench> {
    const data = join(tmpdir(), `snowglobe-e2e-${process.pid}-${name}`);
    const folder = join(data, "examples");
    rmSync(data, { recursive: true, force: true });
    mkdirSync(pictures, { recursive: true });
    cpSync(join(root, "examples"), folder, { recursive: true });
    how.prepare?.(folder);
    const vscode = await startVscode({
      vsix: inject("vsix"),
      workspace: folder,
      folder: join(data, "vscode"),
      trusted: how.trusted,
      ...(how.withoutNix ? { elsewhere: (server: string) => ordinaryUser(data, server) } : {}),
      settings: {
        "editor.accessibilitySupport": "off",
        "editor.inlayHints.maximumLength": 0,
        "editor.minimap.enabled": false,
        // A file that saves itself meets the copies that tests put on disk.
        "files.autoSave": "off",
        "git.enabled": false,
        "security.workspace.trust.banner": "always",
        "security.workspace.trust.startupPrompt": "never",
        "workbench.colorTheme": "Default Dark Modern",
        ...how.settings,
      },
    });
    const browser = await startBrowser();
    const stop = async () => {
      await browser.close();
      await vscode.stop();
      rmSync(data, { recursive: true, force: true });
    };
    try {
      const page = await browser.newPage({
        viewport: { width: 1280, height: 800 },
        locale: "en-US",
        permissions: ["clipboard-read", "clipboard-write"],
      });
      page.setDefaultTimeout(PATIENCE);
      const workbench = new Workbench(page, folder, browser, stop);
      await page.goto(vscode.url);
      await page.locator(".monaco-workbench .part.statusbar").waitFor({ timeout: 60_000 });
      return workbench;
    } catch (error) {
      await stop();
      throw error;
    }
  }

  async close(): Promise<void> {
    if (this.#browser.isConnected()) await this.#stop();
  }

  /** Errors that the browser's console has shown, and requests that left this machine. */
  get complaints(): readonly string[] {
    return [...this.#errors, ...this.#outside];
  }

  /** A picture for whoever looks into a failure, or makes the README. */
  async picture(name: string): Promise<void> {
    // What appears fades in.
    await this.page.waitForTimeout(300);
    await this.page.screenshot({ path: join(pictures, `${name}.png`) });
  }

  /** Opens a file by its path in the folder. */
  async openFile(path: string): Promise<void> {
    const name = wholeName(basename(path));
    const tab = this.page.locator(".tab.active").filter({ hasText: name });
    // The list of files is made anew while it is typed into, and may not know a new file yet: a choice
    // can go astray, as by hand.
    for (let tries = 1; ; tries++) {
      try {
        await this.press("Escape");
        await this.page.keyboard.press("Control+P");
        await this.#pick(path, name, PATIENCE / 3);
        await tab.waitFor({ timeout: PATIENCE / 3 });
        break;
      } catch (error) {
        if (tries === 3) throw error;
      }
    }
    await this.page.locator(".editor-instance .view-line").first().waitFor();
  }

  /** Opens a file of examples/ as it is there, whatever an earlier step has left of it. */
  async openFresh(path: string): Promise<void> {
    await this.openFile(path);
    // Closed, as what is typed while a text is read again would be lost.
    await this.command("View: Revert and Close Editor");
    await this.page
      .locator(".tab", { hasText: wholeName(basename(path)) })
      .waitFor({ state: "detached" });
    copyFileSync(join(root, "examples", path), join(this.folder, path));
    await this.openFile(path);
  }

  /** Takes what the file in front says on disk, whatever was typed into it. */
  async revert(): Promise<void> {
    await this.command("File: Revert File");
    await this.page.locator(".tab.active:not(.dirty)").waitFor();
  }

  /** Runs a command of the palette by its label. */
  async command(label: string): Promise<void> {
    // What takes the focus meanwhile, as a terminal that ends, closes the palette again.
    for (let tries = 1; ; tries++) {
      await this.page.keyboard.press("F1");
      try {
        return await this.#pick(`>${label}`, label, PATIENCE / 3);
      } catch (error) {
        if (tries === 3) throw error;
        await this.press("Escape");
      }
    }
  }

  /** Waits until the editor's visible lines, hints included, hold what is expected. */
  async seeInEditor(expected: Expected): Promise<string> {
    return this.#see(() => this.editorText(), expected);
  }

  /** The visible lines of the editor in front, hints included. */
  async editorText(): Promise<string> {
    const lines = await this.page.locator(".editor-instance .view-line").evaluateAll((elements) =>
      elements
        .map((element) => ({ top: element.getBoundingClientRect().top, text: element.textContent }))
        .sort((a, b) => a.top - b.top)
        .map(({ text }) => text ?? ""),
    );
    return plain(lines.join("\n"));
  }

  /** Waits until words of the editor are each painted in a colour of their own. */
  async seeColours(words: readonly string[]): Promise<void> {
    const colour = (word: string) =>
      this.page
        .locator(".editor-instance .view-line span span", { hasText: word })
        .first()
        .evaluate((element) => getComputedStyle(element).color);
    const colours = async () => (await Promise.all(words.map(colour))).join(" / ");
    await this.#see(colours, (found) => new Set(found.split(" / ")).size === words.length);
  }

  /** Moves the mouse onto a word and waits for a text in the hover that comes up. */
  async hover(word: string, expected: Expected): Promise<string> {
    const { x, y } = await this.#find(word);
    await this.page.mouse.move(x - 3, y);
    await this.page.mouse.move(x, y);
    const hover = this.page.locator(".monaco-hover:visible");
    return this.#see(async () => plain((await hover.allTextContents()).join("\n")), expected);
  }

  /** Follows a link of the hover that is open. */
  async clickInHover(title: string): Promise<void> {
    await this.page.locator(".monaco-hover:visible a", { hasText: title }).first().click();
  }

  /** Clicks behind the last character of a word, so that typing goes on there. */
  async putCursorAfter(word: string): Promise<void> {
    // A hover may lie over it.
    await this.page.mouse.move(2, 2);
    await this.press("Escape");
    await this.page.locator(".monaco-hover:visible").waitFor({ state: "detached" });
    const { right, y } = await this.#find(word);
    await this.page.mouse.click(right - 1, y);
  }

  /** Types at the cursor as somebody does who knows what comes: no suggestion is in the way. */
  async type(text: string): Promise<void> {
    await this.page.keyboard.type(text, { delay: 20 });
  }

  /** Types into the terminal in front, which may have lost the focus. */
  async typeInTerminal(text: string): Promise<void> {
    const terminal = this.page.locator(".terminal-wrapper.active .xterm");
    await terminal.click();
    await this.page.locator(".terminal-wrapper.active .xterm.focus").waitFor();
    await this.type(text);
  }

  /** Presses a key, as Playwright names it. */
  async press(key: string, times = 1): Promise<void> {
    for (let n = 0; n < times; n++) await this.page.keyboard.press(key);
  }

  async save(): Promise<void> {
    await this.press("Control+S");
    await this.page.locator(".tab.active:not(.dirty)").waitFor();
  }

  /** Opens the link under a word. */
  async followLink(word: string): Promise<void> {
    const { x, y } = await this.#find(word);
    await this.page.mouse.move(x, y);
    await this.page.keyboard.down("Control");
    // The link is made when the mouse moves with the key down.
    await this.page.mouse.move(x + 1, y);
    await this.page.waitForTimeout(500);
    await this.page.mouse.click(x + 1, y);
    await this.page.keyboard.up("Control");
  }

  /** Waits until the clipboard holds a text. */
  async seeClipboard(expected: string): Promise<void> {
    await this.#see(() => this.page.evaluate(() => navigator.clipboard.readText()), expected);
  }

  /** Trusts the opened folder, by the editor that manages trust. */
  async trustWorkspace(): Promise<void> {
    await this.command("Workspaces: Manage Workspace Trust");
    await this.page
      .locator(".workspace-trust-editor .monaco-button", { hasText: "Trust" })
      .first()
      .click();
  }

  /** Clicks a code lens, the first whose title begins so. */
  async clickLens(title: string): Promise<void> {
    const hasText = new RegExp(`^${title.replace(/[^\w\s]/g, "\\$&")}`);
    await this.page.locator(".codelens-decoration a", { hasText }).first().click();
  }

  /** Waits for a code lens. */
  async seeLens(title: string | RegExp): Promise<void> {
    const lenses = this.page.locator(".codelens-decoration a");
    await lenses.filter({ hasText: title }).first().waitFor();
  }

  /** Waits until the rows of a view of the side bar hold a text, and gives them. */
  async seeInView(title: string, expected: Expected): Promise<string> {
    const rows = this.#view(title).locator(".monaco-list-row");
    return this.#see(async () => plain((await rows.allTextContents()).join("\n")), expected);
  }

  async clickInView(title: string, text: string): Promise<void> {
    await this.#view(title).locator(".monaco-list-row", { hasText: text }).first().click();
  }

  #view(title: string) {
    return this.page.locator(".split-view-view .pane", {
      has: this.page.locator(".pane-header .title", { hasText: title }),
    });
  }

  /** Waits for an element with a text in the page that an extension shows. */
  async seeInWebview(selector: string, text: string): Promise<void> {
    const page = this.page.frameLocator("iframe.webview.ready").frameLocator("iframe");
    await page.locator(selector, { hasText: text }).first().waitFor();
  }

  /** Waits for a question that holds a text, and presses a button of it. */
  async answer(question: string, button: string): Promise<string> {
    const dialog = this.page.locator(".monaco-dialog-box");
    const text = await this.#see(
      async () => plain((await dialog.allTextContents()).join("\n")),
      question,
    );
    await this.picture(`question ${question} ${button}`.replace(/\W+/g, "-"));
    await dialog.locator(".monaco-button", { hasText: button }).click();
    return text;
  }

  /** Waits until a notification holds a text. @param patience milliseconds */
  async seeNotification(expected: string | RegExp, patience = PATIENCE): Promise<void> {
    await this.#notification(expected).waitFor({ timeout: patience });
  }

  /** Presses a button of the notification that holds a text. */
  async pressInNotification(expected: string | RegExp, button: string): Promise<void> {
    const notification = this.#notification(expected);
    await notification.locator(".monaco-button", { hasText: button }).click();
    await notification.waitFor({ state: "detached" });
  }

  #notification(expected: string | RegExp) {
    return this.page.locator(".notification-list-item", { hasText: expected }).first();
  }

  /** Waits until the terminal in front shows what is expected. */
  async seeInTerminal(expected: Expected, patience = PATIENCE): Promise<string> {
    const rows = this.page.locator(".terminal-wrapper.active .xterm-rows > div");
    return this.#see(
      async () => plain((await rows.allTextContents()).join("\n")),
      expected,
      patience,
    );
  }

  /** Waits until the output channel that is shown holds what is expected. */
  async seeInOutput(expected: Expected): Promise<string> {
    const lines = this.page.locator(".output-view .view-line, .panel .view-line");
    return this.#see(async () => plain((await lines.allTextContents()).join("\n")), expected);
  }

  /** Waits for rows of the suggestion list that hold a text, and gives all rows. */
  async suggestions(expected: string): Promise<string[]> {
    const rows = this.page.locator(".suggest-widget.visible .monaco-list-row");
    await rows.filter({ hasText: expected }).first().waitFor();
    return (await rows.allTextContents()).map(plain);
  }

  /** Mends what is wrong at a word by the quick fix whose title holds a text. */
  async fix(word: string, title: string): Promise<void> {
    await this.putCursorAfter(word);
    await this.press("Control+.");
    const list = this.page.locator(".action-widget");
    await list.locator(".monaco-list-row.action", { hasText: title }).first().waitFor();
    // A click on a row never lands; Enter takes the one in focus.
    const inFocus = list.locator(".monaco-list-row.action.focused", { hasText: title });
    for (let tries = 0; tries < 10 && !(await inFocus.isVisible()); tries++) {
      await this.press("ArrowDown");
    }
    await this.press("Enter");
    await list.waitFor({ state: "hidden" });
  }

  /** Waits for a message in the Problems view, then closes it. */
  async problem(expected: string | RegExp): Promise<void> {
    await this.command("Problems: Focus on Problems View");
    const rows = this.page.locator(".markers-panel .monaco-list-row");
    await rows.filter({ hasText: expected }).first().waitFor();
    await this.picture(`problem ${expected}`.replace(/\W+/g, "-"));
    await this.command("View: Hide Panel");
  }

  /** Waits until nothing is underlined as an error. */
  async seeNoError(): Promise<void> {
    await this.page.locator(".squiggly-error").first().waitFor({ state: "detached" });
  }

  /** Waits until something is underlined as an error. */
  async seeError(): Promise<void> {
    await this.page.locator(".squiggly-error").first().waitFor({ state: "attached" });
  }

  /** Waits for a text in the status bar. */
  async seeInStatusBar(expected: string | RegExp): Promise<void> {
    await this.page.locator(".statusbar-item").filter({ hasText: expected }).first().waitFor();
  }

  async clickInStatusBar(text: string | RegExp): Promise<void> {
    await this.page.locator(".statusbar-item").filter({ hasText: text }).first().click();
  }

  /** Waits for a choice of the list that is open, and gives all of them. */
  async choices(expected: string): Promise<string[]> {
    const rows = this.page.locator(".quick-input-list .monaco-list-row");
    await rows.filter({ hasText: expected }).first().waitFor();
    return (await rows.allTextContents()).map(plain);
  }

  async #pick(
    text: string,
    label: string | RegExp = text,
    timeout: number = PATIENCE,
  ): Promise<void> {
    await this.page.locator(".quick-input-widget input.input").fill(text, { timeout });
    // By key: rows move while more of them are found.
    const chosen = this.page.locator(".quick-input-list .monaco-list-row.focused");
    await chosen.filter({ hasText: label }).waitFor({ timeout });
    await this.press("Enter");
  }

  async #see(
    read: () => Promise<string>,
    expected: Expected,
    patience = PATIENCE,
  ): Promise<string> {
    const met = typeof expected === "string" ? (text: string) => text.includes(expected) : expected;
    const end = Date.now() + patience;
    for (;;) {
      const text = await read();
      if (met(text)) return text;
      if (Date.now() > end) throw new Error(`${expected} is not in:\n${text}`);
      await this.page.waitForTimeout(100);
    }
  }

  /** Where a word of the code, not of a hint, is on the screen. */
  async #find(word: string): Promise<{ x: number; y: number; right: number }> {
    const found = await this.page.evaluate((wanted) => {
      // Lines stand in the document in the order in which they were painted.
      const top = (line: Element) => line.getBoundingClientRect().top;
      const lines = [...document.querySelectorAll(".editor-instance .view-line")];
      for (const line of lines.sort((a, b) => top(a) - top(b))) {
        // A line is cut into pieces by its colours; hints stand among them.
        const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
        const pieces: { node: Node; start: number }[] = [];
        let text = "";
        for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
          if (node.parentElement?.className.includes("dyn-rule")) continue;
          pieces.push({ node, start: text.length });
          text += (node.textContent ?? "").replaceAll("\u00a0", " ");
        }
        const at = text.indexOf(wanted);
        const first = pieces.findLast(({ start }) => start <= at);
        const last = pieces.findLast(({ start }) => start < at + wanted.length);
        if (first === undefined || last === undefined) continue;
        const range = document.createRange();
        range.setStart(first.node, at - first.start);
        range.setEnd(last.node, at + wanted.length - last.start);
        const { left, right, top: above, bottom } = range.getBoundingClientRect();
        return { x: (left + right) / 2, y: (above + bottom) / 2, right };
      }
      return undefined;
    }, word);
    if (found === undefined) throw new Error(`'${word}' is not in:\n${await this.editorText()}`);
    return found;
  }
}

/** How VS Code's server runs as a user who has nothing but the test's own data. */
function ordinaryUser(data: string, server: string) {
  const there = join(data, "server");
  const command = withoutNix([[server, there]]);
  if (command === null) return null;
  const home = join(data, "home");
  mkdirSync(home);
  giveAway(data);
  return {
    command,
    server: there,
    environment: { HOME: home, SNOWGLOBE_STORE: "", SHELL: "/bin/bash" },
  };
}

/** Matches a file's whole name: `shell.nix` is not found in `mk-shell.nix`. */
function wholeName(name: string): RegExp {
  return new RegExp(`(^|[^\\w-])${name.replace(/\W/g, "\\$&")}`);
}

/** VS Code paints spaces as no-break spaces, and marks with characters of no width. */
function plain(text: string): string {
  return text.replaceAll("\u00a0", " ").replace(/[\u200b-\u200d\ufeff]/g, "");
}
