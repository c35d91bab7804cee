import ShortcutGen
import Testing

/// One source, one site, and what must come of it.
struct Rule: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let files: [String: String]
  let site: CallSite
  let outcome: String

  init(_ name: String, _ source: String, _ site: CallSite, _ outcome: String) {
    self.init(name, files: ["a.c": source], site, outcome)
  }

  init(_ name: String, files: [String: String], _ site: CallSite, _ outcome: String) {
    (testDescription, self.files, self.site, self.outcome) = (name, files, site, outcome)
  }
}

@Suite struct AppDiffRuleTests {
  private static let sibling =
    "it may stand in a function called from there that the compiler inlined or made a sibling call"

  static let found = [
    Rule(
      "attributes", "static __attribute__((noinline(1))) int f(int d) { read(d,0,0); }",
      .read(in: "f"), "patched a.c:1"),
    Rule(
      "macro with arguments before", "API(int) f(int d)\n{\nread(d,0,0); }",
      .read(in: "f"), "patched a.c:3"),
    Rule(
      "macro with arguments behind", "int f(int d) LOCKS(m) {\nread(d,0,0); }",
      .read(in: "f"), "patched a.c:2"),
    Rule(
      "old style", "int f(d, b)\nint d; char *b;\n{ return read(d, b, 1); }",
      .read(in: "f"), "patched a.c:3"),
    Rule(
      "name in parentheses", "int (f)(int d) { return read(d, 0, 1); }",
      .read(in: "f"), "patched a.c:1"),
    Rule(
      "returns a function pointer", "void (*f(int d))(int) { read(d, 0, 1); }",
      .read(in: "f"), "patched a.c:1"),
    Rule(
      "behind a structure",
      "struct s { int x; } t = { 1 };\nint a[] = { 1 };\n"
        + "enum { A };\nint f(int d) { return read(d, 0, 1); }",
      .read(in: "f"), "patched a.c:4"),
    Rule(
      "braces in branches",
      "#ifdef A\nint f(int d) {\n#else\nint f(long d) {\n#endif\n"
        + "read(d,0,0); }\nint g(int d) { if (d) { read(d,0,0); } }",
      .read(in: "g"), "patched a.c:7"),
    Rule(
      "declarations in branches",
      "#ifdef A\nint t[] = { 1 };\n#else\nint g(int d) { return 0; }\nint u[] = { 1 };\n#endif\n"
        + "int f(int d) { read(d,0,0); }", .read(in: "f"), "patched a.c:7"),
    Rule(
      "definition in the other branch",
      "#ifdef A\nint t[] = { 1 };\n#else\nint f(int d) { read(d,0,0); }\n#endif\n",
      .read(in: "f"), "patched a.c:4"),
    Rule(
      "dead branch ignored",
      "int f(int d) {\n#if 0\nread(d,0,0); }\n#else\nread(d,1,1);\n"
        + "#endif\n}", .read(in: "f"), "patched a.c:5"),
    Rule(
      "comments and literals",
      "int f(int d) { /* read(d,0,0) */ // read(d,0,0)\n"
        + "puts(\"read(d,0,0)\\\"\"); 'read(';\nread(d,0,0); }", .read(in: "f"), "patched a.c:3"),
    Rule(
      "unclosed apostrophe in #error",
      "#ifdef A\n#error don't\n#endif\n"
        + "int f(int d) { read(d,0,0); }", .read(in: "f"), "patched a.c:4"),
    Rule(
      "continued line comment",
      "// comment \\\nint f(int d) { read(d,0,0); }\n"
        + "int f(int d) { read(d,0,0); }", .read(in: "f"), "patched a.c:3"),
    Rule(
      "macro argument", "int f(int d) { return RETRY(read(d,0,0)); }",
      .read(in: "f"), "patched a.c:1"),
    Rule(
      "libc's alias", "int f(int d) { return __libc_read(d,0,0); }",
      .read(in: "f"), "patched a.c:1"),
    Rule(
      "cast and condition", "int f(int d) { if (d) (void)read(d,(char[]){0},f(1,2)); }",
      .read(in: "f"), "patched a.c:1"),
    Rule(
      "members beside it", "int f(T *x) { x->read(1,2,3); x->y.read(1,2,3); read(1,2,3); }",
      .read(in: "f"), "patched a.c:1"),
    Rule(
      "prototype beside it",
      "int f(int d) { extern long read(int, void *, long);\n"
        + "return read(d,0,0); }", .read(in: "f"), "patched a.c:2"),
    Rule(
      "macro that is another name", "#define in read\nint f(int d) { return in(d,0,0); }",
      .read(in: "f"), "patched a.c:2"),
    Rule(
      "chain of names",
      "#define a z\n#define z in\n#define in read\n"
        + "int f(int d) { return a(d,0,0); }", .read(in: "f"), "patched a.c:4"),
    Rule(
      "macro that hands on its arguments",
      "#define in(d, b, n) read((d), (b), (n))\nint f(int d) { return in(d,0,0); }",
      .read(in: "f"), "patched a.c:2"),
    Rule(
      "macro body is no call", "#define X read(1,2,3)\nint f(int d) { return read(d,0,0); }",
      .read(in: "f"), "patched a.c:2"),
    Rule(
      "the definition that calls",
      files: [
        "a.c": "static int f(int d) { return d; }", "b.c": "static int f(int d) { read(d,0,0); }",
      ], .read(in: "f"), "patched b.c:1"),
    Rule(
      "suffixes of gcc", "int f(int d) { return read(d,0,0); }",
      .read(in: "f.part.0.constprop.0.isra.0.cold"), "patched a.c:1"),
    Rule(
      "by line", "int f(int d) {\nread(d,0,0);\nread(d,1,1); }",
      .read(in: "f", file: "/build/x/a.c", line: 3), "patched a.c:3"),
    Rule(
      "by a line within the arguments", "int f(int d) {\nread(d,0,0);\nread(d,\n1,\n1); }",
      .read(in: "f", file: "a.c", line: 4), "patched a.c:3"),
    Rule(
      "by column", "int f(int d) { read(d,0,0); read(d,1,1); }",
      .read(in: "f", file: "a.c", line: 1, column: 29), "patched a.c:1"),
    Rule(
      "line of another version, but the only call", "int f(int d) {\nread(d,0,0); }",
      .read(in: "f", file: "a.c", line: 77), "patched a.c:2"),
    Rule(
      "inlined, no other user",
      "static int g(int d);\nint f(int d) { return g(d); }\n"
        + "static int g(int d) { return read(d,0,0); }",
      .read(in: "f", file: "a.c", line: 3), "patched a.c:3"),
    Rule(
      "file by its folders",
      files: [
        "x/a.c": "int f(int d) { read(d,0,0); }", "y/a.c": "int f(int d) { read(d,0,0); }",
      ], .read(in: "f", file: "../src/y/a.c"), "patched y/a.c:1"),
    Rule(
      "global function in C++",
      files: [
        "a.cc": "namespace n { class A : B { A() : x{1}, y(2) {} void f() { return ::read(1,2,3); "
          + "} }; }"
      ], .read(in: "n::A::f"), "patched a.cc:1"),
    Rule(
      "member outside of its class",
      files: [
        "a.cpp": "template <class T = int> void g() {}\nint A::f() const noexcept(true) {\n"
          + "auto s = R\"x(read(\")x\"; ::read(1,2,3); }\nint B::f() { ::read(1,2,3); }"
      ], .read(in: "A::f(int)"), "patched a.cpp:3"),
    Rule(
      "extern C",
      files: [
        "a.cc": "extern \"C\" {\nint f(int d) { return read(d, 0, 1'000); }\n}"
      ], .read(in: "f"), "patched a.cc:2"),
    Rule(
      "inside a macro of one use",
      files: [
        "a.c": "#include <inc/p.h>\nint f(int d) {\nreturn IN(d); }",
        "inc/p.h": "\n#define IN(d) \\\n (1 + read(d, 0, 0))",
      ], .read(in: "f"), "patched inc/p.h:3"),
    Rule(
      "inside a macro of one use, by line",
      "#define IN(d) use(read(d, 0, 0))\nint f(int d) {\nread(d,1,1);\nreturn IN(d); }",
      .read(in: "f", file: "a.c", line: 4), "patched a.c:1"),
    Rule(
      "already there", "int f(int d) {\nreturn ukl_shortcut_tcp_read(d,0,0); }",
      .read(in: "f"), "there a.c:2"),
  ]

  static let refused = [
    Rule(
      "no such function", "int g(void) { f(); }", .read(in: "f"),
      "no definition of f below the source folder, only mentions, the first at a.c:1; it may "
        + "belong to a library or be made by a macro"),
    Rule(
      "two calls", "int f(int d) {\nread(d,0,0);\nread(d,1,1); }", .read(in: "f"),
      "f calls read in 2 places: a.c:2, a.c:3; the recording names no line"),
    Rule(
      "two calls, another line", "int f(int d) {\nread(d,0,0);\nread(d,1,1); }",
      .read(in: "f", file: "a.c", line: 9),
      "f calls read in 2 places: a.c:2, a.c:3; none is on the recorded line 9"),
    Rule(
      "two calls on the line", "int f(int d) { read(d,0,0); read(d,1,1); }",
      .read(in: "f", file: "a.c", line: 1),
      "2 calls of read at a.c:1; the recorded column does not say which is meant"),
    Rule(
      "two definitions",
      files: [
        "a.c": "static int f(int d) { read(d,0,0); }",
        "b.c": "static int f(int d) { read(d,0,0); }",
      ], .read(in: "f"),
      "f is defined more than once with a call of read: f (a.c:1), f (b.c:1); the recording does "
        + "not say which is meant"),
    Rule(
      "no call, candidates",
      "static int g(int d) {\nreturn read(d,0,0); }\n"
        + "int h(int d) { return read(d,0,0); }\nvoid i(T *c) { c->r = h; }\n"
        + "int f(T *c) { g(1); return c->r(1); }",
      .read(in: "f"),
      "no call of read in f (a.c:5); \(sibling): candidates g (a.c:2), h (a.c:3)"),
    Rule(
      "no call, no candidates", "int f(T *c) { return c->read(1,2,3); }", .read(in: "f"),
      "no call of read in f (a.c:1); \(sibling), but none in this tree holds the only such call"),
    Rule(
      "function pointer", "int f(int d) { return apply(read, d); }", .read(in: "f"),
      "no call of read in f (a.c:1); the name is only mentioned at a.c:1, and a call through a "
        + "pointer can't be replaced"),
    Rule(
      "parameter", "int f(int d, long (*read)(int, void *, long)) {\nreturn read(d,0,0); }",
      .read(in: "f"),
      "read at a.c:2 is not the wrapper but a variable or parameter, declared at a.c:1"),
    Rule(
      "local variable", "int f(int d) { fn *x, *read = get();\nreturn read(d,0,0); }",
      .read(in: "f"),
      "read at a.c:2 is not the wrapper but a variable or parameter, declared at a.c:1"),
    Rule(
      "local function pointer",
      "int f(int d) { long (*read)(int) = get();\n"
        + "return read(d,0,0); }", .read(in: "f"),
      "read at a.c:2 is not the wrapper but a variable or parameter, declared at a.c:1"),
    Rule(
      "static function",
      "static long read(int d, char *b, long n) { return 0; }\n"
        + "int f(int d) { return read(d,0,0); }", .read(in: "f"),
      "read at a.c:2 is not the wrapper but this file's own, declared at a.c:1"),
    Rule(
      "function pointer of the file",
      "static long (*read)(int, char *, long);\n"
        + "int f(int d) { return read(d,0,0); }", .read(in: "f"),
      "read at a.c:2 is not the wrapper but this file's own, declared at a.c:1"),
    Rule(
      "redefined",
      files: [
        "a.c": "#include \"p.h\"\nint f(int d) { return read(d,0,0); }",
        "p.h": "#define read(a,b,c) my_read(a,b,c)",
      ], .read(in: "f"),
      "read, called at a.c:2, is a macro (p.h:1), which may mean something else than the wrapper"),
    Rule(
      "inside a macro",
      files: [
        "a.c": "#include <inc/p.h>\nint f(int d) {\nreturn IN(d); }",
        "b.c": "#include <inc/p.h>\nint g(int d) {\nreturn IN(d); }",
        "inc/p.h": "\n#define IN(d) \\\n (1 + read(d, 0, 0))",
      ], .read(in: "f"),
      "f calls read at a.c:3 through the macro IN (inc/p.h:2), whose other uses a change would "
        + "concern, too"),
    Rule(
      "inside a macro, by line",
      "#define IN(d) use(read(d, 0, 0))\nint f(int d) {\n"
        + "read(d,1,1);\nreturn IN(d); }\n#define OUT(d) IN(d)",
      .read(in: "f", file: "a.c", line: 4),
      "f calls read at a.c:4 through the macro IN (a.c:1), whose other uses a change would "
        + "concern, too"),
    Rule(
      "inside a macro with two definitions",
      "#ifdef A\n#define IN(d) use(read(d, 0, 0))\n#else\n#define IN(d) use(0)\n#endif\n"
        + "int f(int d) {\nreturn IN(d); }", .read(in: "f"),
      "f calls read at a.c:7 through the macro IN (a.c:2), whose other uses a change would "
        + "concern, too"),
    Rule(
      "inside a macro with two calls",
      "#define IN(d) (read(d, 0, 0) + read(d, 1, 1))\n"
        + "int f(int d) {\nreturn IN(d); }", .read(in: "f"),
      "f calls read at a.c:3 through the macro IN (a.c:1), whose other uses a change would "
        + "concern, too"),
    Rule(
      "inlined from a header, other users",
      files: [
        "g.h": "static inline int g(int d) { return read(d,0,0); }",
        "a.c": "#include \"g.h\"\nint f(int d) { return g(d); }",
        "b.c": "#include \"g.h\"\nint h(int d) { return g(d); }",
      ], .read(in: "f", file: "g.h", line: 1),
      "the call of read at g.h:1 stands in g, which was inlined into f; a change there would "
        + "concern its other callers, too"),
    Rule(
      "plain and inside a macro",
      "#define IN(d) use(read(d, 0, 0))\nint f(int d) {\n"
        + "read(d,1,1);\nreturn IN(d); }", .read(in: "f"),
      "f calls read at a.c:3 and through the macro IN at a.c:4; the recording does not say which "
        + "is meant"),
    Rule(
      "arguments", "int f(int d) { return read(d, 0); }", .read(in: "f"),
      "read at a.c:1 is called with 2 arguments where ukl_shortcut_tcp_read takes 3"),
    Rule(
      "comma within braces", "int f(int d) { return read(d, (char[]){1,2}, 2); }",
      .read(in: "f"),
      "an argument of read at a.c:1 holds a comma within braces, which would split it where "
        + "ukl_shortcut_tcp_read is a macro"),
    Rule(
      "directive", "int f(int d) { return read(d, 0,\n#ifdef A\n1\n#else\n2\n#endif\n); }",
      .read(in: "f"),
      "the arguments of read at a.c:1 hold a preprocessor directive, which the replacement, a "
        + "macro in ordinary builds, can't take"),
    Rule(
      "member of a class", files: ["a.cc": "void A::f() { read(1,2,3); }"], .read(in: "A::f"),
      "read at a.cc:1 may be a member of A; only ::read is surely the wrapper"),
    Rule(
      "inlined, other users",
      "static int g(int d) { return read(d,0,0); }\n"
        + "int f(int d) { return g(d); }\nint h(int d) { return g(d); }",
      .read(in: "f", file: "a.c", line: 1),
      "the call of read at a.c:1 stands in g, which was inlined into f; a change there would "
        + "concern its other callers, too"),
    Rule(
      "library", "int f(int d) { return read(d,0,0); }",
      .read(in: "f", file: "/usr/src/libx/b.c"),
      "/usr/src/libx/b.c, which calls read in f, is not below the source folder; it may belong "
        + "to a library"),
    Rule(
      "hostile name", "int f(void) {}", .read(in: "f\u{1b}[2J;"),
      "f\\u{1b} is not an identifier of C"),
  ]

  @Test(arguments: found) func finds(_ rule: Rule) {
    let diff = ApplicationDiff(
      sites: [rule.site], in: SourceTree(files: rule.files.mapValues { Array($0.utf8) }))
    #expect(diff.outcomes == [rule.outcome])
    #expect(diff.patch.isEmpty == rule.outcome.hasPrefix("there"))
  }

  @Test(arguments: refused) func refuses(_ rule: Rule) {
    let diff = ApplicationDiff(
      sites: [rule.site], in: SourceTree(files: rule.files.mapValues { Array($0.utf8) }))
    #expect(diff.outcomes == [rule.outcome])
    #expect(diff.patch.isEmpty)
  }

  @Test func theColumnChoosesTheCall() {
    let source = "int f(int d) { read(d,0,0); read(d,1,1); }\n"
    let diff = change(["a.c": source], .read(in: "f", file: "a.c", line: 1, column: 29))
    #expect(
      diff.onlyNewText == "#include \"ukl_shortcut.h\"\n"
        + "int f(int d) { read(d,0,0); ukl_shortcut_tcp_read(d,1,1); }\n")
  }

  @Test func twoShortcutsForOneCallAreBothRefused() {
    let diff = change(
      ["a.c": "int f(int d) { write(d,0,0); }"], .write(in: "f", replacement: "ukl_b"),
      .write(in: "f", replacement: "ukl_a"))
    #expect(
      diff.outcomes == Array(repeating: "the call at a.c:1 is claimed by ukl_a and ukl_b", count: 2)
    )
    #expect(diff.patch.isEmpty)
  }

  /// recv(2) is recvfrom(2) with an address of null.
  private static func receive(in function: String) -> CallSite {
    CallSite(
      function: function,
      spellings: [
        .init(name: "recvfrom", arity: 6, replacement: "ukl_shortcut_tcp_recvfrom"),
        .init(name: "recv", arity: 4, replacement: "ukl_shortcut_tcp_recv"),
      ])
  }

  @Test(arguments: [
    ("recv(d, b, 1, 0)", "ukl_shortcut_tcp_recv(d, b, 1, 0)"),
    ("__libc_recv(d, b, 1, 0)", "ukl_shortcut_tcp_recv(d, b, 1, 0)"),
    ("recvfrom(d, b, 1, 0, NULL, NULL)", "ukl_shortcut_tcp_recvfrom(d, b, 1, 0, NULL, NULL)"),
    ("GET(d, b, 1, 0)", "ukl_shortcut_tcp_recv(d, b, 1, 0)"),
  ])
  func eachNameHasItsShortcut(call: String, shortcut: String) {
    let source = "#define GET recv\nint f(int d, char *b) { return \(call); }\n"
    let diff = change(["a.c": source], Self.receive(in: "f"))
    #expect(
      diff.onlyNewText == "#include \"ukl_shortcut.h\"\n" + source.replacing(call, with: shortcut))
  }

  @Test func otherArgumentsThanAnyNameTakesAreRefused() {
    let diff = change(["a.c": "int f(int d) { return recv(d, 0, 1); }"], Self.receive(in: "f"))
    #expect(
      diff.outcomes == [
        "recv at a.c:1 is called with 3 arguments where ukl_shortcut_tcp_recvfrom takes 6 and "
          + "ukl_shortcut_tcp_recv takes 4"
      ])
  }

  /// An inlined function with a copy in each of two sites: one change is both's.
  @Test func copiesOfAnInlinedFunctionAgree() {
    let source =
      "static int g(int d) { return read(d,0,0); }\n"
      + "int f(int d) { return g(d); }\nint h(int d) { return g(d); }\n"
    let diff = change(
      ["a.c": source], .read(in: "f", file: "a.c", line: 1), .read(in: "h", file: "a.c", line: 1))
    #expect(diff.outcomes == ["patched a.c:1", "patched a.c:1"])
    #expect(
      diff.onlyNewText
        == "#include \"ukl_shortcut.h\"\n"
        + source.replacing("read(", with: "ukl_shortcut_tcp_read("))
  }

  /// The macro is changed where it stands, and its file includes the header.
  @Test func aMacroIsChangedInItsFile() {
    let diff = change(
      [
        "a.c": "#include \"p.h\"\nint f(int d) {\nreturn IN(d); }\n",
        "p.h": "#define IN(d) \\\r\n\tuse(read(d, 0, 0))\r\n",
      ], .read(in: "f", file: "a.c", line: 3))
    #expect(diff.outcomes == ["patched p.h:2"])
    #expect(
      diff.onlyNewText == "#include \"ukl_shortcut.h\"\r\n"
        + "#define IN(d) \\\r\n\tuse(ukl_shortcut_tcp_read(d, 0, 0))\r\n")
  }

  @Test func copiesOfOneFunctionAgree() {
    let diff = change(
      ["a.c": "int f(int d) { write(d,0,0); }"], .write(in: "f"), .write(in: "f.constprop.0"))
    #expect(diff.outcomes == ["patched a.c:1", "patched a.c:1"])
    #expect(
      diff.onlyNewText
        == "#include \"ukl_shortcut.h\"\nint f(int d) { ukl_shortcut_tcp_write(d,0,0); }")
  }
}
