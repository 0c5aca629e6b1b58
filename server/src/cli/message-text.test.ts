import { expect, test } from "vitest";
import { messageText } from "./message-text.ts";

test("a warning of the program is indented", () => {
  expect(messageText("evaluation warning", "a \nb\n")).toBe(
    "evaluation warning: a\n                    b\n",
  );
});

test("unless it begins on a line of its own", () => {
  expect(messageText("evaluation warning", "\na\nb")).toBe("evaluation warning:\na\nb\n");
});

test("what is traced is printed as it is", () => {
  expect(messageText("trace", "a\nb")).toBe("trace: a\nb\n");
});
