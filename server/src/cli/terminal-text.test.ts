/** Measured with Nix 2.26, whose standard error was no terminal. */
import { expect, test } from "vitest";
import { terminalText } from "./terminal-text.ts";

test.each([
  ["plain \xc3\xa9\n", "plain \xc3\xa9\n"],
  ["trace: x\x1b[1mY\tz\n", "trace: xY       z\n"],
  ['\x1b[1;35m"conf"\x1b[0m, \x1b[2Kq', '"conf", q'],
  ["\x1b]8;;http://x\x1b\\link \x1b]8;;\x07end", "link end"],
  ["a\rb\x07c\x1bZ 1", "abc 1"],
  ["\xc3\xa9\t|", "\xc3\xa9       |"],
  ["trace: a\nb\t|", "trace: a\nb       |"],
  ["trace: \xe6\xbc\xa2\t|", "trace: \xe6\xbc\xa2       |"],
  ["cut \x1b[", "cut "],
])("%j", (text, shown) => {
  expect(terminalText(text, false)).toBe(shown);
});

test("a terminal is sent colours, and nothing else", () => {
  expect(terminalText("\x1b[1;35mred\x1b[0m\x1b[2K\x1b]0;title\x07", true)).toBe(
    "\x1b[1;35mred\x1b[0m",
  );
});
