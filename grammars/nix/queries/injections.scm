; Other languages inside of strings: `/* bash */ ''…''` says it for any string, and the attributes
; below are shell for every builder of nixpkgs.

((comment) @injection.language
  . [(string (string_fragment) @injection.content) (indented_string (string_fragment) @injection.content)]
  (#match? @injection.language "^/[*]\\s*\\w+\\s*[*]/$")
  (#gsub! @injection.language "^/[*]%s*(%w+)%s*[*]/$" "%1")
  (#set! injection.combined)
  (#set! injection.include-children))

((binding
  path: (attrpath (identifier) @_name .)
  value: [
    (string (string_fragment) @injection.content)
    (indented_string (string_fragment) @injection.content)
  ])
  (#match? @_name "^((pre|post)[A-Z]\\w*|\\w+Phase|\\w+Hook|buildCommand|script)$")
  (#set! injection.language "bash")
  (#set! injection.combined)
  (#set! injection.include-children))
