import ArgumentParser

@main
struct UKLShortcut: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "ukl-shortcut")
}
