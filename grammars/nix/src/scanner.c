// The tokens that a regular expression cannot tell: text inside strings, paths, and `/`.
//
// The parser's state says which tokens may come, and strings nest in the grammar; so the scanner keeps
// no state between calls but the one that `Scanner` explains. Every rule here is that of Nix's lexer (longest match), restated for
// a scanner that looks one character ahead and marks where the token ends.

#include <stdlib.h>

#include "tree_sitter/parser.h"

// In the order of `externals` in grammar.js.
enum Token {
  STRING_TEXT,
  STRING_ESCAPE,
  INDENTED_TEXT,
  INDENTED_ESCAPE,
  PATH_START,
  HOME_PATH_START,
  PATH_TEXT,
  TRAILING_SLASH,
  DIVIDE,
  RECOVERING,
  NO_EXPRESSION,
  NO_NAME,
  NO_IN,
  NO_BRACE,
  NO_EQUALS,
  UNCLOSED,
  PEEK,
};

// How many marks came since the last other token of the scanner: the parser refuses a second token
// without text at the same place, unless the scanner's state has changed.
typedef struct {
  uint8_t marks;
} Scanner;

enum { MOST_MARKS = 200 };

static inline void advance(TSLexer *lexer) { lexer->advance(lexer, false); }
static inline bool at_end(TSLexer *lexer) { return lexer->eof(lexer); }

static inline bool found(TSLexer *lexer, enum Token token) {
  lexer->result_symbol = token;
  return true;
}

static inline bool is_path_char(int32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-' || c == '+';
}

static inline bool is_space(int32_t c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// Strings

// A backslash and any character; `\${` is one escape. At the backslash.
static bool scan_string_escape(TSLexer *lexer) {
  advance(lexer);
  if (at_end(lexer)) return false;
  bool dollar = lexer->lookahead == '$';
  advance(lexer);
  if (dollar && lexer->lookahead == '{') advance(lexer);
  lexer->mark_end(lexer);
  return found(lexer, STRING_ESCAPE);
}

// In "…": text up to an escape, `${` or the closing quote; or an escape. `$$` is text, even before
// `{`.
static bool scan_string(TSLexer *lexer) {
  bool any = false;
  while (!at_end(lexer) && lexer->lookahead != '"') {
    if (lexer->lookahead == '\\') {
      if (!any) return scan_string_escape(lexer);
      break;
    }
    if (lexer->lookahead == '$') {
      lexer->mark_end(lexer);
      advance(lexer);
      if (lexer->lookahead == '{') return any && found(lexer, STRING_TEXT);
      any = true;
      if (lexer->lookahead == '"' || lexer->lookahead == '\\' || at_end(lexer)) continue;
    }
    advance(lexer);
    any = true;
  }
  lexer->mark_end(lexer);
  return any && found(lexer, STRING_TEXT);
}

// `'''`, `''$` (with a `{` that follows) or `''\` and any character. At the second quote.
static bool scan_indented_escape(TSLexer *lexer) {
  advance(lexer);
  switch (lexer->lookahead) {
    case '\'':
      advance(lexer);
      break;
    case '$':
      advance(lexer);
      if (lexer->lookahead == '{') advance(lexer);
      break;
    case '\\':
      advance(lexer);
      if (at_end(lexer)) return false;
      advance(lexer);
      break;
    default:
      return false;
  }
  lexer->mark_end(lexer);
  return found(lexer, INDENTED_ESCAPE);
}

// In ''…'': text up to an escape, `${` or the closing quotes; or an escape.
static bool scan_indented(TSLexer *lexer) {
  bool any = false;
  while (!at_end(lexer)) {
    // A quote or a dollar takes the next character with it, unless that may begin something.
    if (lexer->lookahead == '\'') {
      lexer->mark_end(lexer);
      advance(lexer);
      if (lexer->lookahead == '\'') {
        return any ? found(lexer, INDENTED_TEXT) : scan_indented_escape(lexer);
      }
      any = true;
      if (lexer->lookahead == '$' || at_end(lexer)) continue;
    } else if (lexer->lookahead == '$') {
      lexer->mark_end(lexer);
      advance(lexer);
      if (lexer->lookahead == '{') return any && found(lexer, INDENTED_TEXT);
      any = true;
      if (lexer->lookahead == '\'' || at_end(lexer)) continue;
    }
    advance(lexer);
    any = true;
  }
  lexer->mark_end(lexer);
  return any && found(lexer, INDENTED_TEXT);
}

// Paths

// The rest of a path's first token, behind its first slash. `complete` says that what stands before
// the slash can only begin a path (`~`, `.`, `..`) and is marked as the end: it is a path even with
// nothing behind the slash, though a wrong one.
//
//   PATH = CHAR* ('/' CHAR+)+      a slash after it belongs to the token only before "${",
//   SEG  = CHAR* '/'               as this does
//
// `/a//b${x}` is a path though `/a//b` is not: one piece may follow a trailing slash before "${".
static bool scan_path(TSLexer *lexer, enum Token token, bool complete) {
  bool pieces = false;
  bool doubled = false;
  for (;;) {
    if (is_path_char(lexer->lookahead)) {
      do advance(lexer);
      while (is_path_char(lexer->lookahead));
      pieces = true;
      if (!doubled) lexer->mark_end(lexer);
    } else if (lexer->lookahead == '/' && pieces && !doubled) {
      doubled = true;
    } else {
      break;
    }
    if (lexer->lookahead != '/') break;
    advance(lexer);
  }
  if (lexer->lookahead == '$') {
    // Without a `{` the `$` is an error anyway, wherever the path ends.
    lexer->mark_end(lexer);
    advance(lexer);
    if (lexer->lookahead == '{') return found(lexer, token);
  }
  return (complete || pieces) && found(lexer, token);
}

static bool scan_home_path(TSLexer *lexer) {
  advance(lexer);
  lexer->mark_end(lexer);
  if (lexer->lookahead != '/') return false;
  advance(lexer);
  return scan_path(lexer, HOME_PATH_START, true);
}

// A `/` begins a path, `//` or a comment, or else it divides.
static bool scan_slash(TSLexer *lexer, const bool *valid) {
  advance(lexer);
  if (lexer->lookahead == '/' || lexer->lookahead == '*') return false;
  if (lexer->lookahead == '$' || is_path_char(lexer->lookahead)) {
    return (valid[PATH_START] || valid[PEEK]) && scan_path(lexer, PATH_START, false);
  }
  lexer->mark_end(lexer);
  return valid[DIVIDE] && found(lexer, DIVIDE);
}

// After an interpolation in a path: path characters and slashes. A slash at the end belongs to the
// text only before "${".
static bool scan_path_text(TSLexer *lexer) {
  bool any = false;
  for (;;) {
    while (is_path_char(lexer->lookahead)) {
      advance(lexer);
      any = true;
    }
    lexer->mark_end(lexer);
    if (lexer->lookahead != '/') return found(lexer, PATH_TEXT);
    advance(lexer);
    if (lexer->lookahead == '$') {
      lexer->mark_end(lexer);
      return found(lexer, PATH_TEXT);
    }
    if (lexer->lookahead != '/' && !is_path_char(lexer->lookahead)) {
      if (any) return found(lexer, PATH_TEXT);
      lexer->mark_end(lexer);
      return found(lexer, TRAILING_SLASH);
    }
    any = true;
  }
}

// After a path: a slash, and whatever looks like the rest of a path behind it.
static bool scan_trailing_slash(TSLexer *lexer) {
  do advance(lexer);
  while (lexer->lookahead == '/' || is_path_char(lexer->lookahead));
  lexer->mark_end(lexer);
  return found(lexer, TRAILING_SLASH);
}

// Marks of what is missing
//
// They stand where the text so far is fine and what follows cannot go on from there. What makes this
// sure is that a name with a `=` behind it is always the start of a binding, and that keywords and
// closing brackets can only be what they are. A mark ends where the token before it does.

enum Next {
  CLOSING,   // ) ] } ; , then else in, or the end of the file
  STARTING,  // let with if assert rec
  BINDING,   // inherit, or a line that starts with `a.b =`
  FUNCTION,  // a name before `:` or `@`
  FORMAL,    // a name before `,`
  CALL,      // a name before what can only be an argument of it
  NAME,      // any other name
  SIGN,      // what no expression begins with
  OTHER,
};

static bool mark(TSLexer *lexer, const bool *valid, enum Next next, bool line_start) {
  bool ending = next == CLOSING || next == BINDING;
  // At the start of the file a set or formals may have lost their brace.
  bool at_start = valid[NO_BRACE] && valid[NO_EXPRESSION];
  if (at_start && next == FORMAL) return found(lexer, NO_BRACE);
  // In an unfinished binding its `;` is missing, elsewhere the `{` of the set that follows.
  if (valid[NO_BRACE] && !valid[UNCLOSED] && next == BINDING) return found(lexer, NO_BRACE);
  if (valid[NO_EXPRESSION] && ending) return found(lexer, NO_EXPRESSION);
  if (valid[NO_EQUALS] && !line_start && !ending && next != SIGN) return found(lexer, NO_EQUALS);
  bool name = next == NAME || next == FUNCTION || next == FORMAL || next == CALL;
  if (valid[NO_NAME] && !name) return found(lexer, NO_NAME);
  // Bindings may go on here. What begins with a name alone is not sure to be the body.
  bool body = next == STARTING || next == FUNCTION || next == CALL || next == OTHER;
  if (valid[NO_IN] && body) return found(lexer, NO_IN);
  return (valid[UNCLOSED] || valid[PEEK]) && next == BINDING && found(lexer, UNCLOSED);
}

static inline bool is_name_char(int32_t c) {
  return (is_path_char(c) && c != '.' && c != '+') || c == '\'';
}

static bool skip_interpolation(TSLexer *lexer, unsigned depth);

// Skips "…" on one line, with what is interpolated. At the opening quote.
static bool skip_quoted(TSLexer *lexer, unsigned depth) {
  advance(lexer);
  while (lexer->lookahead != '"') {
    if (at_end(lexer) || lexer->lookahead == '\n') return false;
    if (lexer->lookahead == '$') {
      advance(lexer);
      if (lexer->lookahead != '{') continue;
      if (!skip_interpolation(lexer, depth)) return false;
      continue;
    }
    if (lexer->lookahead == '\\') advance(lexer);
    advance(lexer);
  }
  advance(lexer);
  return true;
}

// Skips {…} on one line, with the strings and braces in it. At the opening brace.
static bool skip_interpolation(TSLexer *lexer, unsigned depth) {
  if (depth > 8) return false;
  unsigned braces = 0;
  do {
    if (at_end(lexer) || lexer->lookahead == '\n') return false;
    if (lexer->lookahead == '"') {
      if (!skip_quoted(lexer, depth + 1)) return false;
      continue;
    }
    if (lexer->lookahead == '{') braces++;
    if (lexer->lookahead == '}') braces--;
    advance(lexer);
  } while (braces > 0);
  return true;
}

static void skip_blanks(TSLexer *lexer) {
  while (lexer->lookahead == ' ' || lexer->lookahead == '\t') advance(lexer);
}

static bool skip_attribute_name(TSLexer *lexer) {
  if (lexer->lookahead == '"') return skip_quoted(lexer, 0);
  if (lexer->lookahead == '$') {
    advance(lexer);
    return lexer->lookahead == '{' && skip_interpolation(lexer, 0);
  }
  if (!is_name_char(lexer->lookahead)) return false;
  while (is_name_char(lexer->lookahead)) advance(lexer);
  return true;
}

// Whether `= value` follows, perhaps after more of an attribute path. Behind a name or a dot.
static bool at_binding(TSLexer *lexer, bool after_dot) {
  for (;;) {
    skip_blanks(lexer);
    if (after_dot && !skip_attribute_name(lexer)) return false;
    skip_blanks(lexer);
    if (lexer->lookahead != '.') break;
    after_dot = true;
    advance(lexer);
  }
  if (lexer->lookahead != '=') return false;
  advance(lexer);
  return lexer->lookahead != '=';
}

enum { WORD_LENGTH = 8 };

static bool is_word(const char *word, const char *expected) {
  unsigned i = 0;
  while (expected[i] != 0 && word[i] == expected[i]) i++;
  return word[i] == expected[i];
}

// A run of letters, digits and signs: the first segment of a path, or what tells a mark.
static bool scan_word(TSLexer *lexer, const bool *valid, bool marks, bool line_start) {
  char word[WORD_LENGTH + 1] = {0};
  unsigned length = 0, dots = 0;
  bool name = (lexer->lookahead >= 'a' && lexer->lookahead <= 'z') || lexer->lookahead == '_' ||
              (lexer->lookahead >= 'A' && lexer->lookahead <= 'Z');
  bool paths = valid[PATH_START] || valid[PEEK];
  bool path = true, plus = false, after_dot = false;
  while (is_path_char(lexer->lookahead) || lexer->lookahead == '\'') {
    after_dot = lexer->lookahead == '.';
    if (after_dot) dots++;
    if (lexer->lookahead == '+') plus = true;
    if (lexer->lookahead == '\'') path = false;
    if (length < WORD_LENGTH) word[length] = (char)lexer->lookahead;
    length++;
    advance(lexer);
  }
  if (path && lexer->lookahead == '/' && paths) {
    bool complete = dots == length && dots <= 2;
    if (complete) lexer->mark_end(lexer);
    advance(lexer);
    return scan_path(lexer, PATH_START, complete);
  }
  if (!marks) return false;
  // Where a binding may stand, a slash says that this is none.
  bool slash = path && lexer->lookahead == '/';
  if (slash && (valid[NO_EQUALS] || valid[NO_IN])) return mark(lexer, valid, OTHER, line_start);
  if (!name) {
    // Digits begin an expression; a dot may go on with an attribute path.
    bool digit = word[0] >= '0' && word[0] <= '9';
    return mark(lexer, valid, digit ? OTHER : SIGN, line_start);
  }
  if (length <= WORD_LENGTH && dots == 0 && lexer->lookahead != ':') {
    if (is_word(word, "inherit")) return mark(lexer, valid, BINDING, line_start);
    if (is_word(word, "then") || is_word(word, "else") || is_word(word, "in")) {
      return mark(lexer, valid, CLOSING, line_start);
    }
    if (is_word(word, "let") || is_word(word, "with") || is_word(word, "if") ||
        is_word(word, "assert") || is_word(word, "rec")) {
      return mark(lexer, valid, STARTING, line_start);
    }
  }
  if (line_start && !plus && at_binding(lexer, after_dot)) return mark(lexer, valid, BINDING, line_start);
  if (!line_start) skip_blanks(lexer);
  bool at_start = valid[NO_BRACE] && valid[NO_EXPRESSION];
  while (at_start && is_space(lexer->lookahead)) advance(lexer);
  if (dots == 0 && (lexer->lookahead == ':' || lexer->lookahead == '@')) {
    return mark(lexer, valid, FUNCTION, line_start);
  }
  bool argument = lexer->lookahead == '{' || lexer->lookahead == '[' || lexer->lookahead == '(' ||
                  lexer->lookahead == '"';
  if (argument && !after_dot) return mark(lexer, valid, CALL, line_start);
  if (dots == 0 && lexer->lookahead == ',') return mark(lexer, valid, FORMAL, line_start);
  return mark(lexer, valid, NAME, line_start);
}

static bool scan_sign(TSLexer *lexer, const bool *valid, bool line_start) {
  if (at_end(lexer)) return mark(lexer, valid, CLOSING, line_start);
  switch (lexer->lookahead) {
    case ';':
    case ',':
    case ')':
    case ']':
    case '}':
      return mark(lexer, valid, CLOSING, line_start);
    case '#':
      return false;
    case '"':
    case '$':
      if (line_start && skip_attribute_name(lexer) && at_binding(lexer, false)) {
        return mark(lexer, valid, BINDING, line_start);
      }
      return mark(lexer, valid, NAME, line_start);
    case '{':
    case '[':
    case '(':
    case '\'':
    case '<':
    case '!':
      return mark(lexer, valid, OTHER, line_start);
    default:
      return mark(lexer, valid, SIGN, line_start);
  }
}

static bool scan(TSLexer *lexer, const bool *valid) {
  bool recovering = valid[RECOVERING];

  if (!recovering) {
    if (valid[STRING_TEXT] || valid[STRING_ESCAPE]) return scan_string(lexer);
    if (valid[INDENTED_TEXT] || valid[INDENTED_ESCAPE]) return scan_indented(lexer);
    if (valid[PATH_TEXT] && (lexer->lookahead == '/' || is_path_char(lexer->lookahead))) {
      return scan_path_text(lexer);
    }
    if (valid[TRAILING_SLASH] && lexer->lookahead == '/') return scan_trailing_slash(lexer);
  }

  // While it recovers, the parser allows every token; a mark would be a guess then.
  bool marks = !recovering &&
               (valid[NO_EXPRESSION] || valid[NO_NAME] || valid[NO_IN] || valid[NO_BRACE] || valid[NO_EQUALS] ||
                valid[UNCLOSED] || valid[PEEK]);
  if (marks) lexer->mark_end(lexer);
  // The file's first token may start a line too. Asking for the column is slow: only where it matters.
  bool at_start = valid[NO_BRACE] && valid[NO_EXPRESSION];
  bool line_start = marks && at_start && lexer->get_column(lexer) == 0;
  while (is_space(lexer->lookahead)) {
    if (lexer->lookahead == '\n' || lexer->lookahead == '\r') line_start = true;
    lexer->advance(lexer, true);
  }

  if (lexer->lookahead == '/') return scan_slash(lexer, valid);
  if (lexer->lookahead == '~' && (valid[PATH_START] || valid[PEEK])) return scan_home_path(lexer);
  if (is_path_char(lexer->lookahead)) {
    return (marks || valid[PATH_START]) && scan_word(lexer, valid, marks, line_start);
  }
  return marks && scan_sign(lexer, valid, line_start);
}

bool tree_sitter_nix_external_scanner_scan(void *payload, TSLexer *lexer, const bool *valid) {
  Scanner *scanner = payload;
  if (!scan(lexer, valid)) return false;
  if (lexer->result_symbol < NO_EXPRESSION) {
    scanner->marks = 0;
    return true;
  }
  if (scanner->marks == MOST_MARKS) return false;
  scanner->marks++;
  return true;
}

void *tree_sitter_nix_external_scanner_create(void) { return calloc(1, sizeof(Scanner)); }

void tree_sitter_nix_external_scanner_destroy(void *payload) { free(payload); }

unsigned tree_sitter_nix_external_scanner_serialize(void *payload, char *buffer) {
  Scanner *scanner = payload;
  if (scanner->marks == 0) return 0;
  buffer[0] = (char)scanner->marks;
  return 1;
}

void tree_sitter_nix_external_scanner_deserialize(void *payload, const char *buffer,
                                                  unsigned length) {
  Scanner *scanner = payload;
  scanner->marks = length == 0 ? 0 : (uint8_t)buffer[0];
}
