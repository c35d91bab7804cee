// the FlameGraph module
