; What each node looks like, for editors that colour by tree-sitter. Later patterns win.

(comment) @comment
(doc_comment) @comment.documentation

; Names

(variable) @variable
(identifier) @property

((variable) @constant.builtin
  (#any-of? @constant.builtin "true" "false" "null" "__curPos"))

((variable) @variable.builtin
  (#eq? @variable.builtin "builtins"))

((variable) @function.builtin
  (#any-of? @function.builtin
    "abort" "baseNameOf" "break" "derivation" "derivationStrict" "dirOf" "fetchGit" "fetchMercurial"
    "fetchTarball" "fetchTree" "fromTOML" "import" "isNull" "map" "placeholder" "removeAttrs"
    "scopedImport" "throw" "toString"))

(call function: (variable) @function.call)
(call function: (select path: (attrpath (identifier) @function.method.call .)))

((call function: (variable) @function.builtin)
  (#any-of? @function.builtin
    "abort" "baseNameOf" "break" "derivation" "derivationStrict" "dirOf" "fetchGit" "fetchMercurial"
    "fetchTarball" "fetchTree" "fromTOML" "import" "isNull" "map" "placeholder" "removeAttrs"
    "scopedImport" "throw" "toString"))

(binding path: (attrpath (identifier) @function .) value: (lambda))
(lambda parameter: (identifier) @variable.parameter)
(formal name: (identifier) @variable.parameter)
(inherit name: (identifier) @variable)
(inherit from: (_) name: (identifier) @property)

; Literals

(integer) @number
(float) @number.float
(string) @string
(indented_string) @string
(string_fragment) @string
(escape) @string.escape
(path) @string.special.path
(home_path) @string.special.path
(search_path) @string.special.path
(uri) @string.special.url

; An interpolation is code again, with brackets of its own.
(interpolation) @embedded
(interpolation "${" @punctuation.special "}" @punctuation.special)

; Words and signs

["if" "then" "else"] @keyword.conditional
["let" "in" "with" "rec" "inherit"] @keyword
"assert" @keyword.exception
"or" @keyword.operator
(or_call argument: (variable) @variable)
(ellipsis) @variable.parameter.builtin

(binary operator: _ @operator)
(unary operator: _ @operator)
(has_attribute "?" @operator)
(formal "?" @operator)
"=" @operator

["(" ")" "[" "]" "{" "}"] @punctuation.bracket
[";" "." "," ":" "@"] @punctuation.delimiter
