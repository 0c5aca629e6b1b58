import { expect, test } from "vitest";
import { namespaceAdvice } from "./namespace-advice.ts";

const on = (files: Record<string, string>) => namespaceAdvice((file) => files[file]);

test("names the settings that forbid user namespaces", () => {
  expect(on({})).toBe("");
  expect(on({ "/proc/sys/kernel/unprivileged_userns_clone": "1\n" })).toBe("");
  expect(
    on({
      "/proc/sys/kernel/apparmor_restrict_unprivileged_userns": "1\n",
      "/proc/sys/user/max_user_namespaces": "0\n",
    }),
  ).toBe(
    " (to allow them: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0 user.max_user_namespaces=15000)",
  );
  expect(on({ "/.dockerenv": "" })).toContain("this is a container");
});
