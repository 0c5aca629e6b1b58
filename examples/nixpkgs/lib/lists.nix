rec {
  inherit (builtins)
    all
    any
    concatLists
    concatMap
    elem
    filter
    foldl'
    head
    length
    map
    tail
    ;

  optional = condition: element: if condition then [ element ] else [ ];

  optionals = condition: elements: if condition then elements else [ ];

  toList = value: if builtins.isList value then value else [ value ];

  unique = foldl' (seen: element: if elem element seen then seen else seen ++ [ element ]) [ ];

  flatten = value: if builtins.isList value then concatMap flatten value else [ value ];
}
