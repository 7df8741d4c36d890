"""Runs the unittest suites of a directory; the last line says how many tests passed and failed."""

import sys
import unittest


class Result(unittest.TextTestResult):
    passed = 0

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1

    def failed(self):
        """A test fails once, however many of its subtests do."""
        tests = [test for test, _ in self.errors + self.failures] + self.unexpectedSuccesses
        return {getattr(test, "test_case", test).id() for test in tests}


suite = unittest.defaultTestLoader.discover(sys.argv[1])
result = unittest.TextTestRunner(resultclass=Result).run(suite)
for test, reason in result.skipped:
    print(f"skipped {getattr(test, 'test_case', test).id()}: {reason}")
print(f"{result.passed} passed, {len(result.failed())} failed")
sys.exit(not result.wasSuccessful())
