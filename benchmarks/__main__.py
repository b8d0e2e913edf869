"""`make bench`: every measurement, one table. Exit code 1 when a ratio is above what is allowed."""

import importlib
import pkgutil
import sys

import benchmarks


def main() -> int:
    wanted = sys.argv[1:]
    names = [module.name for module in pkgutil.iter_modules(benchmarks.__path__) if not module.name.startswith("_")]
    missed = 0
    print(f"{'measured':>10} {'allowed':>10}   what")
    for name in names:
        if wanted and name not in wanted:
            continue
        for what, measured, allowed in importlib.import_module(f"benchmarks.{name}").measure():
            missed += measured > allowed
            print(f"{measured:10.3f} {allowed:10.3f} {'MISSED' if measured > allowed else '      '} {what}", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
