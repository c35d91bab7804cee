import Profiler

/// Builds a sealed tree from folded lines (`thread;outer;…;leaf weight`), the way people write
/// stacks down.
///
/// The first field is a thread; `ukl_…` is the application's except the entry code; `[…]` has no
/// symbol; all else is the kernel's.
func tree(_ lines: String...) -> CallTree { tree(folded: lines) }

/// The same from a list of lines.
func tree(folded lines: [String]) -> CallTree {
  var ids: [Function: FunctionID] = [:]
  var functions: [Function] = []
  var stacks: [(path: [FunctionID], weight: UInt64)] = []
  for line in lines {
    let fields = line.split(separator: " ")
    guard let weight = fields.last.flatMap({ UInt64($0) }) else { continue }
    let names = fields.dropLast().joined(separator: " ").split(separator: ";")
    let path = names.enumerated().map { depth, name in
      let function = function(String(name), isThread: depth == 0)
      return ids[function]
        ?? {
          functions.append(function)
          ids[function] = FunctionID(functions.count - 1)
          return FunctionID(functions.count - 1)
        }()
    }
    stacks.append((path, weight))
  }
  return tree(of: stacks, functions)
}

/// A sealed tree of paths.
func tree(of stacks: [(path: [FunctionID], weight: UInt64)], _ functions: [Function]) -> CallTree {
  var tree = CallTree(functions: functions)
  for stack in stacks {
    tree.add(stack.weight, to: stack.path.reduce(0) { tree.child(of: $0, calling: $1) })
  }
  tree.seal()
  return tree
}

private func function(_ symbol: String, isThread: Bool) -> Function {
  let name = symbol.hasPrefix("ukl_") ? String(symbol.dropFirst(4)) : symbol
  return Function(symbol: symbol, name: name, origin: isThread ? .thread : origin(symbol))
}

private func origin(_ symbol: String) -> FunctionOrigin {
  let transitions = ["entry_SYSCALL_64", "do_syscall_64", "syscall_exit_to_user_mode"]
  if transitions.contains(where: symbol.contains) { return .transition }
  if symbol.hasPrefix("ukl_") { return .application }
  return symbol.hasPrefix("[") ? .unresolved : .kernel
}

extension CallTree {
  /// The row of a path of symbols, if the tree has it.
  func row(_ path: String...) -> Int? {
    path.reduce(0) { parent, symbol in
      guard let parent else { return nil }
      return (1..<count).first {
        self.parent[$0] == Int32(parent) && functions[function[$0].index].symbol == symbol
      }
    }
  }
}

/// Names that try to break out of whatever they are written into.
let hostileNames = [
  "</title><script>alert(1)</script>", "]]><script>alert(2)</script>", "a\"b'c\\N\\G&lt;&#60;",
  "line\nbreak\u{1b}[31mred\u{7}", "\u{0}\u{fffe}\u{202e}gnp.exe", "naïve 函数 🔥\u{200d}",
  "\" onload=\"alert(3)", "-->", "x];evil [label=\"",
]
