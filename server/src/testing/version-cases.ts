/** For each difference between versions an expression, and what each prints for it or the message it fails with. */
import type { DifferenceName, NixVersion } from "../eval/versions.ts";

interface VersionCase {
  readonly expression: string;
  readonly results: Readonly<Record<NixVersion, string>>;
}

const kinds =
  '(derivation { name = "a"; builder = "b"; system = "c"; __contentAddressed = false; __impure = false; }).drvPath';

export const VERSION_CASES: Readonly<Record<DifferenceName, VersionCase>> = {
  integersWrap: {
    expression: "9223372036854775807 + 1",
    results: {
      "2.8": "-9223372036854775808",
      "2.26": "integer overflow in adding 9223372036854775807 + 1",
      newest: "integer overflow in adding 9223372036854775807 + 1",
    },
  },
  shortFloatsInJson: {
    expression: "builtins.toJSON [ 1.0 123456789.5 ]",
    results: {
      "2.8": '"[1,1.23457e+08]"',
      "2.26": '"[1.0,123456789.5]"',
      newest: '"[1.0,123456789.5]"',
    },
  },
  replacementsForced: {
    expression: 'builtins.replaceStrings [ "a" ] [ (throw "lazy") ] "b"',
    results: { "2.8": "lazy", "2.26": '"b"', newest: '"b"' },
  },
  falseKindsLeftOut: {
    expression: kinds,
    results: {
      "2.8": '"/nix/store/arhvjaf6zmlyn8vh8fgn55rpwnxq0n7l-a.drv"',
      "2.26": '"/nix/store/4yl5lfyip4z2jr8dw0cn6hf5wya4adm8-a.drv"',
      newest: '"/nix/store/4yl5lfyip4z2jr8dw0cn6hf5wya4adm8-a.drv"',
    },
  },
  fewerBuiltins: {
    expression: "builtins ? warn",
    results: { "2.8": "false", "2.26": "true", newest: "true" },
  },
  dirOfDropsOneSlash: {
    expression: 'dirOf "a///b"',
    results: { "2.8": '"a//"', "2.26": '"a"', newest: '"a//"' },
  },
  rightSetFirst: {
    expression: '(throw "left") // (throw "right")',
    results: { "2.8": "left", "2.26": "left", newest: "right" },
  },
};
