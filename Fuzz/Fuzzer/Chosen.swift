import FuzzTargets

/// The target of this run; a C function can't capture it.
nonisolated(unsafe) var chosen = FuzzTarget.recording
