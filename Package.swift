// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableExperimentalFeature("Lifetimes"),
]

/// A C library of Debian's, found through pkg-config.
func system(_ name: String, pkgConfig: String, apt packages: String...) -> Target {
  .systemLibrary(
    name: name, path: "Sources/CSystem/\(name)", pkgConfig: pkgConfig,
    providers: [.apt(packages)])
}

/// The program that fuzzes, only where `Fuzz/run` builds: libFuzzer is in no other build.
let fuzzer: [Target] =
  Context.environment["UKL_SHORTCUT_FUZZ"] == nil
  ? []
  : [
    .executableTarget(
      name: "fuzzer", dependencies: ["FuzzTargets", "CFuzzer"], path: "Fuzz/Fuzzer",
      swiftSettings: strict,
      linkerSettings: [.unsafeFlags(["-use-ld=lld"])]),  // gold fails on the sanitizer's runtime
    .systemLibrary(name: "CFuzzer", path: "Fuzz/CFuzzer"),
  ]

let package = Package(
  name: "ukl-shortcut",
  products: [
    .executable(name: "ukl-shortcut", targets: ["ukl-shortcut"]),
    .library(name: "Profiler", targets: ["Profiler"]),
    .library(name: "FlameGraph", targets: ["FlameGraph"]),
    .library(name: "ShortcutGen", targets: ["ShortcutGen"]),
    .library(name: "KernelImage", targets: ["KernelImage"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    .executableTarget(
      name: "ukl-shortcut",
      dependencies: [
        "Profiler", "FlameGraph", "ShortcutGen", "KernelImage", "Lab", "CMalloc",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: strict),
    .target(
      name: "Profiler",
      dependencies: [
        "CDeflate", "CElfutils", "CIberty", "CLzma", "CTraceEvent", "CZstd", "CZlib",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: strict),
    .target(
      name: "KernelImage",
      dependencies: [
        "Profiler", "CElfutils", "CLz4", "CCapstone",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: strict),
    .target(
      name: "FlameGraph", dependencies: ["Profiler"],
      resources: [.embedInCode("Assets")],
      swiftSettings: strict),
    .target(
      name: "ShortcutGen",
      dependencies: [
        "Profiler", "ShortcutTemplates",
        .product(name: "Mustache", package: "swift-mustache"),
        .product(name: "Yams", package: "Yams"),
      ],
      resources: [.embedInCode("Catalog")],
      swiftSettings: strict),
    .target(
      name: "ShortcutTemplates", path: "templates",
      exclude: ["README.md"],
      resources: [
        .embedInCode("kernel"), .embedInCode("app"), .embedInCode("module"),
        .embedInCode("report"),
      ],
      swiftSettings: strict),
    .target(
      name: "Lab", path: "lab",
      exclude: [
        "README.md", "boot", "record", "series", "series.config", "loads", "scripts",
        "applications", "guest/record",
      ],
      sources: ["EmbeddedLab.swift"],
      resources: [
        .embedInCode("verify"), .embedInCode("labkit"), .embedInCode("guest/init.sh"),
        .embedInCode("stubs/guest.sh"), .embedInCode("stubs/tester"),
        .embedInCode("stubs/harness"),
      ],
      swiftSettings: strict),
    .target(
      name: "TestSupport", dependencies: ["Profiler"], path: "Tests/TestSupport",
      swiftSettings: strict),
    .target(
      name: "FuzzTargets",
      dependencies: [
        "Profiler", "FlameGraph", "KernelImage",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Fuzz/Targets", swiftSettings: strict),
    .testTarget(name: "FuzzTests", dependencies: ["FuzzTargets"], swiftSettings: strict),
    .testTarget(
      name: "ProfilerTests", dependencies: ["Profiler", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "KernelImageTests", dependencies: ["KernelImage", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "FlameGraphTests", dependencies: ["FlameGraph", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "ShortcutGenTests",
      dependencies: ["ShortcutGen", "ShortcutTemplates", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "CommandTests", dependencies: ["ukl-shortcut", "TestSupport"],
      swiftSettings: strict),
    .systemLibrary(name: "CMalloc", path: "Sources/CSystem/CMalloc"),  // glibc's, without a package
    // libelf and libdw share their types, so they share a module.
    system("CElfutils", pkgConfig: "libdw", apt: "libelf-dev", "libdw-dev"),
    system("CTraceEvent", pkgConfig: "libtraceevent", apt: "libtraceevent-dev"),
    system("CZstd", pkgConfig: "libzstd", apt: "libzstd-dev"),
    system("CDeflate", pkgConfig: "libdeflate", apt: "libdeflate-dev"),
    system("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev"),
    .systemLibrary(
      name: "CIberty", path: "Sources/CSystem/CIberty", providers: [.apt(["libiberty-dev"])]),
    system("CLzma", pkgConfig: "liblzma", apt: "liblzma-dev"),
    system("CLz4", pkgConfig: "liblz4", apt: "liblz4-dev"),
    // Not linked: the library is loaded by those who decode.
    .systemLibrary(
      name: "CCapstone", path: "Sources/CSystem/CCapstone", providers: [.apt(["libcapstone-dev"])]),
  ] + fuzzer
)
