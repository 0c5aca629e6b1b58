/**
 * Nix for tree-sitter: every text that Nix's own parser accepts, with the structure Nix gives it.
 *
 * The operators that do not associate (`==`, `<`) have levels of their own, because tree-sitter can
 * only choose an associativity, not forbid both; the other operators use precedences.
 *
 * @see README.md for the tool chain
 */

// Tightest last. `?` and `++` and below are Nix's own order (parser.y).
const level = {
  implication: 1,
  or: 2,
  and: 3,
  equality: 4,
  comparison: 5,
  update: 6,
  not: 7,
  add: 8,
  multiply: 9,
  concat: 10,
  has: 11,
  negate: 12,
};

/** `operands operator operands` as the fields of a binary expression. */
const infix = (left, operator, right) =>
  seq(field("left", left), field("operator", operator), field("right", right));

/** What may follow the first token of a path without a space. */
const pathRest = ($) => [
  optional(
    seq(
      alias($._path_interpolation, $.interpolation),
      repeat(choice($._path_text, alias($._path_interpolation, $.interpolation))),
    ),
  ),
  // Scanned so that the error is this token and nothing else, and the path before it is kept.
  optional(seq($.trailing_slash, $._never)),
];

/** Nix reads `{ }@a:b` as a URI behind the `@`; that is no name. */
const argumentName = ($) => choice(field("parameter", $.identifier), seq($.uri, $._never));

const formalsInside = ($) =>
  choice(
    seq($.formal, repeat(seq(",", $.formal)), optional(seq(",", optional($.ellipsis)))),
    $.ellipsis,
  );

/**
 * A token, or a mark that says that it is missing, and the token. The scanner looks ahead further than
 * the parser and makes a mark only where no text of Nix goes on like this; the parser then misses the
 * token right there and inserts it, instead of going on into what follows. No valid text has a mark.
 */
const orMissing = ($, token) => choice(token, seq($.unclosed, token));

export default grammar({
  name: "nix",

  word: ($) => $.identifier,

  extras: ($) => [/[ \t\r\n]/, $.comment, $.doc_comment],

  externals: ($) => [
    $._string_text,
    $.string_escape,
    $._indented_text,
    $.indented_escape,
    $._path_start,
    $._home_path_start,
    $._path_text,
    $.trailing_slash,
    $._divide,
    // Never scanned. In no rule: valid only while the parser recovers from an error.
    $._recovering,
    // Marks without text, scanned where something is missing for sure. They are visible because the
    // parser counts visible nodes when it chooses what to skip, and it should not skip them.
    $.no_expression,
    $.no_name,
    $.no_in,
    $.no_brace,
    $.no_equals,
    $.unclosed,
    // Never scanned. Where it is allowed the scanner is asked, and may answer with another token.
    $._peek,
  ],

  inline: ($) => [$._name, $._selected_name],

  reserved: {
    global: () => ["if", "then", "else", "assert", "with", "let", "in", "rec", "inherit", "or"],
  },

  rules: {
    // A `{` too few, or a `}` too many, ends the file's set early: what follows are still bindings.
    source_file: ($) =>
      seq(
        field(
          "expression",
          choice($._expression, alias($._unopened, $.attrset), alias($._unopened_lambda, $.lambda)),
        ),
        optional(seq($._early_end, optional($._bindings), optional("}"))),
      ),
    _early_end: ($) => seq(";", alias($._never, $.end_of_file)),

    doc_comment: () => token(prec(1, /\/\*\*[^/*]([^*]|\*+[^*/])*\*+\//)),
    comment: () => token(choice(/#[^\r\n]*/, /\/\*([^*]|\*+[^*/])*\*+\//)),

    // No text has this. A rule that requires it can only be completed by the parser's recovery, which
    // inserts it as a missing node.
    _never: () => /\u{10FFFF}\u{10FFFF}/,

    identifier: () => /[a-zA-Z_][a-zA-Z0-9_'-]*/,

    _expression: ($) =>
      choice(
        $.lambda,
        $.assert,
        $.with,
        $.let,
        $.if,
        alias($._pipe_into, $.binary),
        alias($._pipe_from, $.binary),
        $._operation,
      ),

    // Functions and keywords

    lambda: ($) =>
      seq(
        choice(
          field("parameter", $.identifier),
          field("formals", $.formals),
          seq(field("formals", $.formals), "@", argumentName($)),
          seq(field("parameter", $.identifier), "@", field("formals", $.formals)),
        ),
        ":",
        field("body", $._expression),
      ),

    _unopened_lambda: ($) =>
      seq(
        field("formals", alias($._unopened_formals, $.formals)),
        optional(seq("@", argumentName($))),
        ":",
        field("body", $._expression),
      ),

    formals: ($) => seq("{", optional(formalsInside($)), "}"),
    _unopened_formals: ($) => seq($._missing_brace, formalsInside($), "}"),
    formal: ($) =>
      seq(field("name", $.identifier), optional(seq("?", field("fallback", $._expression)))),
    ellipsis: () => "...",

    assert: ($) =>
      seq(
        "assert",
        field("condition", $._expression),
        choice(seq(";", field("body", $._expression)), seq($.unclosed, ";"), alias($._never, ";")),
      ),
    with: ($) =>
      seq(
        "with",
        field("scope", $._expression),
        choice(seq(";", field("body", $._expression)), seq($.unclosed, ";"), alias($._never, ";")),
      ),
    let: ($) =>
      seq(
        "let",
        choice(
          seq(optional($._bindings), "in", field("body", $._expression)),
          seq($._bindings, $._missing_in, field("body", $._expression)),
          seq($._bindings, alias($._never, "in")),
        ),
      ),
    _missing_in: ($) => seq($.no_in, choice("in", $._peek)),
    if: ($) =>
      seq(
        "if",
        field("condition", $._expression),
        choice(
          seq(
            "then",
            field("then", $._expression),
            choice(
              seq("else", field("otherwise", $._expression)),
              seq($.unclosed, "else"),
              alias($._never, "else"),
            ),
          ),
          seq($.unclosed, "then"),
          alias($._never, "then"),
        ),
      ),

    // Operators

    _pipe_into: ($) =>
      infix(choice(alias($._pipe_into, $.binary), $._operation), "|>", $._operation),
    _pipe_from: ($) =>
      infix($._operation, "<|", choice(alias($._pipe_from, $.binary), $._operation)),

    _operation: ($) =>
      choice(alias($._logic, $.binary), alias($._equality, $.binary), $._not_equality),
    _not_equality: ($) => choice(alias($._comparison, $.binary), $._not_comparison),
    _not_comparison: ($) =>
      choice(
        alias($._arithmetic, $.binary),
        $.unary,
        $.has_attribute,
        $._application,
        $._missing_expression,
      ),
    _missing_expression: ($) => seq($.no_expression, choice(alias($._never, $.variable), $._peek)),

    _logic: ($) =>
      choice(
        prec.right(level.implication, infix($._operation, "->", $._operation)),
        prec.left(level.or, infix($._operation, "||", $._operation)),
        prec.left(level.and, infix($._operation, "&&", $._operation)),
      ),
    _equality: ($) =>
      prec(level.equality, infix($._not_equality, choice("==", "!="), $._not_equality)),
    _comparison: ($) =>
      prec(
        level.comparison,
        infix($._not_comparison, choice("<", "<=", ">", ">="), $._not_comparison),
      ),
    _arithmetic: ($) => {
      const operand = $._not_comparison;
      return choice(
        prec.right(level.update, infix(operand, "//", operand)),
        prec.left(level.add, infix(operand, choice("+", "-"), operand)),
        prec.left(level.multiply, infix(operand, choice("*", alias($._divide, "/")), operand)),
        prec.right(level.concat, infix(operand, "++", operand)),
      );
    },
    unary: ($) =>
      choice(
        prec(level.not, seq(field("operator", "!"), field("operand", $._not_comparison))),
        prec(level.negate, seq(field("operator", "-"), field("operand", $._not_comparison))),
      ),
    has_attribute: ($) =>
      prec(
        level.has,
        seq(
          field("subject", $._not_comparison),
          "?",
          field("path", alias($._selected_path, $.attrpath)),
          // And `a ? b +c/d` as a path behind the name.
          optional(seq($._path_start, $._never)),
        ),
      ),

    // Application and selection

    _application: ($) => choice($.call, $._selection),
    call: ($) =>
      seq(
        field("function", $._selection),
        repeat1(field("argument", choice($._selection, alias($._unopened, $.attrset)))),
      ),

    _selection: ($) => choice($.select, $.or_call, $._simple),
    select: ($) =>
      seq(
        field("subject", $._simple),
        ".",
        field("path", alias($._selected_path, $.attrpath)),
        optional(seq("or", field("fallback", choice($._selection, $._missing_expression)))),
      ),
    // `f or` is `f` applied to a variable named `or`: nixpkgs once had such a function.
    or_call: ($) => seq(field("function", $._simple), field("argument", alias("or", $.variable))),

    // Closed expressions

    _simple: ($) =>
      choice(
        alias($.identifier, $.variable),
        $.integer,
        $.float,
        $.string,
        $.indented_string,
        $.path,
        $.home_path,
        $.search_path,
        $.uri,
        $.parenthesized,
        $.let_attrset,
        $.attrset,
        $.list,
      ),

    integer: () => /[0-9]+/,
    float: () => /([1-9][0-9]*\.[0-9]*|0?\.[0-9]+)([Ee][+-]?[0-9]+)?/,
    search_path: () => /<[a-zA-Z0-9._+-]+(\/[a-zA-Z0-9._+-]+)*>/,
    uri: () => /[a-zA-Z][a-zA-Z0-9+.-]*:[a-zA-Z0-9%/?:@&=+$,_.!~*'-]+/,

    path: ($) => seq($._path_start, ...pathRest($)),
    home_path: ($) => seq($._home_path_start, ...pathRest($)),
    _path_interpolation: ($) =>
      seq(
        alias(token.immediate("${"), "${"),
        field("expression", $._expression),
        orMissing($, "}"),
      ),

    string: ($) => seq('"', repeat(choice($.string_fragment, $.interpolation)), '"'),
    string_fragment: ($) =>
      prec.right(repeat1(choice($._string_text, alias($.string_escape, $.escape)))),
    indented_string: ($) =>
      seq(
        "''",
        repeat(choice(alias($.indented_fragment, $.string_fragment), $.interpolation)),
        "''",
      ),
    indented_fragment: ($) =>
      prec.right(repeat1(choice($._indented_text, alias($.indented_escape, $.escape)))),
    interpolation: ($) => seq("${", field("expression", $._expression), orMissing($, "}")),

    parenthesized: ($) => seq("(", field("expression", $._expression), orMissing($, ")")),
    list: ($) => seq("[", repeat(field("item", $._selection)), orMissing($, "]")),

    attrset: ($) =>
      choice(seq(optional("rec"), "{", optional($._bindings), "}"), seq("rec", $._unopened)),
    _unopened: ($) => seq($._missing_brace, $._bindings, "}"),
    _missing_brace: ($) => seq($.no_brace, "{"),
    let_attrset: ($) => seq("let", "{", optional($._bindings), "}"),
    _bindings: ($) => repeat1(choice($.binding, $.inherit)),
    binding: ($) =>
      seq(
        field("path", $.attrpath),
        choice(
          seq(choice("=", $._missing_equals), field("value", $._expression), orMissing($, ";")),
          seq($.unclosed, "="),
        ),
      ),
    _missing_equals: ($) => seq($.no_equals, choice("=", $._peek)),
    inherit: ($) =>
      seq(
        "inherit",
        optional(seq("(", field("from", $._expression), ")")),
        repeat(field("name", $._name)),
        orMissing($, ";"),
      ),

    attrpath: ($) => seq($._name, repeat(seq(".", $._name))),
    _selected_path: ($) => seq($._selected_name, repeat(seq(".", $._selected_name))),
    // Nix reads `a. b+c/d` as a path behind the dot, and `a. b:c` as a URI; neither is a name.
    _selected_name: ($) =>
      choice($._name, $._missing_name, seq(choice($._path_start, $.uri), $._never)),
    _missing_name: ($) => seq($.no_name, choice(alias($._never, $.identifier), $._peek)),
    _name: ($) => choice($.identifier, alias("or", $.identifier), $.string, $.interpolation),
  },
});
