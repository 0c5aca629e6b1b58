/** The builder's script of an environment derivation: it runs the set-up and writes down what came of it. */
import type { ByteString } from "../base/bytes.ts";

/** The name that the script has in the store. */
export const ENVIRONMENT_SCRIPT_NAME = "get-env.sh";

/**
 * Run by the bash of a derivation (4.3 or newer, with nothing else in reach). Writes JSON to the first
 * output and leaves the others empty: `{ bashFunctions: { NAME: BODY }, variables: { NAME: { type:
 * "exported" | "var" | "array" | "associative", value } }, structuredAttrs?: { ".attrs.sh",
 * ".attrs.json" } }`, which is what `nix print-dev-env --json` prints.
 *
 * Variables are listed before the script has any of its own. Locals have a prefix, since a local would
 * hide the variable of that name that is to be written down.
 */
export const ENVIRONMENT_SCRIPT: ByteString = `# Writes down the environment that a derivation's set-up makes.
if [ -e "$\{NIX_ATTRS_SH_FILE-}" ]; then . "$NIX_ATTRS_SH_FILE"; fi
export IN_NIX_SHELL=impure
export dontAddDisableDepTrack=1
if [ -n "$\{stdenv-}" ]; then . "$stdenv/setup"; fi

set +eux +o pipefail
shopt -u nocasematch
__sg_declared=$(declare -p)
__sg_functions=$(declare -F)

# Sets __sg_json to a string's JSON. Bytes beyond ASCII stay as they are.
__sg_string() {
  local LC_ALL=C __sg_i __sg_hex __sg_char
  __sg_json=$\{1//"$__sg_backslash"/"$__sg_backslash$__sg_backslash"}
  __sg_json=$\{__sg_json//'"'/"$__sg_backslash"'"'}
  __sg_json=$\{__sg_json//$'\\n'/"$__sg_backslash"n}
  if [[ $__sg_json == *[$'\\001'-$'\\037']* ]]; then
    for __sg_i in {1..31}; do
      printf -v __sg_hex %02x "$__sg_i"
      printf -v __sg_char "\\\\x$__sg_hex"
      __sg_json=$\{__sg_json//"$__sg_char"/"$\{__sg_backslash}u00$__sg_hex"}
    done
  fi
  __sg_json="\\"$__sg_json\\""
}

# Adds to __sg_text the functions, exported ones left out.
__sg_add_functions() {
  local __sg_line __sg_name __sg_body __sg_comma=
  while IFS= read -r __sg_line; do
    case $__sg_line in
      "declare -f "*) __sg_name=$\{__sg_line#declare -f } ;;
      *) continue ;;
    esac
    __sg_body=$(declare -f -- "$__sg_name")
    __sg_body=$\{__sg_body#*"{"}
    __sg_string "$__sg_name"
    __sg_text+=$__sg_comma$__sg_json:
    __sg_string "$\{__sg_body%"}"*}"
    __sg_text+=$__sg_json
    __sg_comma=,
  done <<< "$__sg_functions"
}

# Adds to __sg_text the variables that can be set again: strings, arrays, associative arrays.
__sg_add_variables() {
  local __sg_line __sg_name __sg_type __sg_item __sg_items __sg_comma= __sg_between
  while IFS= read -r __sg_line; do
    case $__sg_line in
      "declare -x "*) __sg_type=exported ;;
      "declare -- "*) __sg_type=var ;;
      "declare -a "*) __sg_type=array ;;
      "declare -A "*) __sg_type=associative ;;
      *) continue ;;
    esac
    __sg_name=$\{__sg_line#declare -? }
    __sg_name=$\{__sg_name%%=*}
    case $__sg_name in
      "" | [!A-Za-z_]* | *[!A-Za-z0-9_]*) continue ;;
      BASH_* | COMP_* | _ | DIRSTACK | EUID | FUNCNAME | HISTCMD | HOSTNAME | GROUPS | PIPESTATUS) continue ;;
      PWD | RANDOM | SHLVL | SECONDS | EPOCHREALTIME | EPOCHSECONDS) continue ;;
    esac
    # A line of some variable's value may look like a declaration.
    declare -p "$__sg_name" > /dev/null 2>&1 || continue
    __sg_text+="$__sg_comma\\"$__sg_name\\":{\\"type\\":\\"$__sg_type\\",\\"value\\":"
    __sg_comma=,
    __sg_between=
    case $__sg_type in
      array)
        __sg_text+="["
        __sg_items="$__sg_name[@]"
        for __sg_item in "$\{!__sg_items}"; do
          __sg_string "$__sg_item"
          __sg_text+=$__sg_between$__sg_json
          __sg_between=,
        done
        __sg_text+="]"
        ;;
      associative)
        __sg_text+="{"
        eval "__sg_items=(\\"\\$\{!$__sg_name[@]}\\")"
        for __sg_item in "$\{__sg_items[@]}"; do
          __sg_string "$__sg_item"
          __sg_text+=$__sg_between$__sg_json:
          eval "__sg_string \\"\\$\{$__sg_name[\\$__sg_item]}\\""
          __sg_text+=$__sg_json
          __sg_between=,
        done
        __sg_text+="}"
        ;;
      *)
        __sg_string "$\{!__sg_name-}"
        __sg_text+=$__sg_json
        ;;
    esac
    __sg_text+="}"
  done <<< "$__sg_declared"
}

# Adds to __sg_text the files of structured attributes.
__sg_add_attributes() {
  __sg_text+=',"structuredAttrs":{".attrs.sh":'
  __sg_string "$(< "$NIX_ATTRS_SH_FILE")"
  __sg_text+="$__sg_json,\\".attrs.json\\":"
  __sg_string "$(< "$NIX_ATTRS_JSON_FILE")"
  __sg_text+="$__sg_json}"
}

__sg_write() {
  local __sg_output __sg_names
  case $(declare -p outputs 2> /dev/null) in
    "declare -A"*)
      for __sg_output in "$\{!outputs[@]}"; do
        printf %s "$__sg_text" > "$\{outputs[$__sg_output]}"
        __sg_text=
      done
      ;;
    *)
      IFS=$' \\t\\n' read -r -d "" -a __sg_names <<< "$\{outputs:-out}"
      for __sg_output in "$\{__sg_names[@]}"; do
        printf %s "$__sg_text" > "$\{!__sg_output}"
        __sg_text=
      done
      ;;
  esac
}

__sg_backslash='\\'
__sg_text='{"bashFunctions":{'
__sg_add_functions
__sg_text+='},"variables":{'
__sg_add_variables
__sg_text+='}'
if [ -e "$\{NIX_ATTRS_SH_FILE-}" ]; then __sg_add_attributes; fi
__sg_text+='}'
trap - EXIT
__sg_write
`;
