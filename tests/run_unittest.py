#!/usr/bin/env python3
"""run_unittest.py FILE: runs one unittest file; a skipped test, or none at all, is a failure."""
import importlib.util
import pathlib
import sys
import unittest

path = pathlib.Path(sys.argv[1]).resolve()
# Modules of its folder, and those of tests/ that several folders share.
sys.path[:0] = [str(path.parent), str(pathlib.Path(__file__).resolve().parent)]
spec = importlib.util.spec_from_file_location(path.stem, path)
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
result = unittest.TextTestRunner(verbosity=2).run(unittest.defaultTestLoader.loadTestsFromModule(module))
if result.testsRun == 0 or result.skipped:
    sys.exit(f"{path.name}: {result.testsRun} tests run, {len(result.skipped)} skipped")
sys.exit(0 if result.wasSuccessful() else 1)
