"""The structure check, on small trees of its own."""

import contextlib
import io
import re
import subprocess
import sys
import tempfile
import textwrap
import unittest
from pathlib import Path

from check import main

CHECK = Path(__file__).parent / "check.py"


def targets(**dependencies: list[str]) -> str:
    """A manifest of these targets."""
    lines = [
        f'.target(name: "{name}", dependencies: [{", ".join(f"{other!r}" for other in others)}]),'.replace("'", '"')
        for name, others in dependencies.items()
    ]
    return "let package = Package(name: \"x\", targets: [\n" + "\n".join(lines) + "\n])\n"


class CheckCase(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = Path(directory.name)

    def check(self, files: dict[str, str], manifest: str = targets(Bytes=[])) -> tuple[int, str]:
        """The exit code and the output of the check for these files, those of the target Bytes unless they say."""
        (self.root / "Package.swift").write_text(manifest)
        for path, text in files.items():
            file = self.root / (path if "/" in path else f"Sources/Bytes/{path}")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(textwrap.dedent(text))
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            status = main([str(self.root)])
        return status, output.getvalue()

    def assert_fine(self, files: dict[str, str], manifest: str = targets(Bytes=[])):
        status, output = self.check(files, manifest)
        self.assertRegex(output, r"\n[1-9][0-9]* passed, 0 failed\n$")
        self.assertNotIn("circle", output)
        self.assertEqual(status, 0)

    def assert_problem(self, problem: str, files: dict[str, str], manifest: str = targets(Bytes=[])):
        """Just this one kind of check fails, and says so."""
        status, output = self.check(files, manifest)
        self.assertIn(problem, output)
        self.assertRegex(output, r"\n[0-9]+ passed, 1 failed\n$")
        self.assertEqual(status, 1)


class CirclesTest(CheckCase):
    def assert_circle(self, *members: str, files: dict[str, str]):
        problem = f"Bytes, circles: {len(members)} files need each other in a circle: {', '.join(members)}\n"
        self.assert_problem(problem, files)

    def test_two_files_that_need_each_other(self):
        files = {"A.swift": "struct A { let b: B }", "B.swift": "final class B { var a: A? }", "C.swift": "enum C {}"}
        self.assert_circle("A.swift", "B.swift", files=files)

    def test_a_circle_by_way_of_others_says_for_which_names(self):
        files = {
            "A.swift": "protocol A { var b: any B { get } }",
            "B.swift": "protocol B { func c() -> C }",
            "C.swift": "actor C { typealias Other = A }",
            "D.swift": "struct D { let a: A }",
        }
        self.assert_circle("A.swift", "B.swift", "C.swift", files=files)
        _, output = self.check(files)
        self.assertIn("    A.swift needs B.swift for B\n", output)
        self.assertIn("    C.swift needs A.swift for A\n", output)
        self.assertNotIn("D.swift", output)

    def test_two_circles_of_a_target_are_told_apart(self):
        files = {f"{one}.swift": f"struct {one} {{ let x: [{other}] }}" for one, other in ("AB", "BA", "CD", "DC")}
        _, output = self.check(files)
        self.assertIn("2 files need each other in a circle: A.swift, B.swift\n", output)
        self.assertIn("2 files need each other in a circle: C.swift, D.swift\n", output)

    def test_needs_in_one_direction_are_fine(self):
        files = {"A.swift": "struct A { let b: B; let c: C }", "B.swift": "struct B { let c: C }"}
        self.assert_fine(files | {"C.swift": "struct C {}"})

    def test_an_extension_needs_the_file_of_its_type(self):
        files = {"A.swift": "struct A { let b: B }", "A+B.swift": "extension A { struct B {} }"}
        self.assert_circle("A+B.swift", "A.swift", files=files)

    def test_an_extension_with_members_alone_is_no_circle(self):
        self.assert_fine({"A.swift": "struct A { func f() { g() } }", "A+G.swift": "extension A { func g() {} }"})

    def test_a_nested_type_counts_by_its_own_name(self):
        files = {"A.swift": "struct A { enum Inner {}; let b: B }", "B.swift": "struct B { let inner: Inner }"}
        self.assert_circle("A.swift", "B.swift", files=files)

    def test_a_nested_name_that_is_there_twice_counts_only_behind_its_outer_type(self):
        nested = {"A.swift": "struct A { enum Kind {}; let c: C }", "B.swift": "struct B { enum Kind {} }"}
        self.assert_fine(nested | {"C.swift": "struct C { let kind: Kind }"})
        in_extension = {"A+Kind.swift": "extension A { enum Kind { case c(C) } }", "A.swift": "struct A {}"}
        files = nested | in_extension | {"C.swift": "struct C { let kind: A.Kind }"}
        self.assert_circle("A+Kind.swift", "C.swift", files=files)

    def test_a_name_alone_is_the_type_that_stands_in_no_other(self):
        files = {"A.swift": "struct A { let b: B }", "B.swift": "struct B { let a: A }"}
        self.assert_circle("A.swift", "B.swift", files=files | {"C.swift": "struct C { enum A {} }"})

    def test_a_name_that_a_file_declares_itself_is_its_own(self):
        files = {"A.swift": "struct A { let b: B; struct Own {} }", "B.swift": "struct B { private struct Own {} }"}
        self.assert_fine(files)

    def test_a_name_behind_another_type_is_that_types(self):
        self.assert_fine({"A.swift": "struct A { let b: B }", "B.swift": "struct B { let a: Other.A }"})

    def test_a_name_behind_the_module_counts(self):
        files = {"A.swift": "struct A { let b: B }", "B.swift": "struct B { let a: Bytes.A }"}
        self.assert_circle("A.swift", "B.swift", files=files)

    def test_a_private_type_is_nobody_elses(self):
        files = {"A.swift": "struct A { let b: B }\nprivate final class Own {}", "B.swift": "struct B { let own: Own }"}
        self.assert_fine(files)

    def test_comments_and_strings_do_not_count(self):
        quiet = [
            "// A",
            "/// Like `A`.",
            "/* A /* A */ A */",
            'let x = "A"',
            'let x = "\\"A"',
            'let x = "\\\\" + "A"',
            'let x = #"A "A" \\(A)"#',
            'let x = ##"A"# A"##',
            'let x = """\n    A " "" A\n    """',
            'let x = #"""\n    A """ A\n    """#',
            'let x = "\\(f("A"))"',
            "let x = #/A[/]A/#",
            "func `A to A`() {}",
        ]
        for text in quiet:
            with self.subTest(text):
                self.assert_fine({"A.swift": "struct A { let b: B }", "B.swift": f"{text}\nstruct B {{}}"})

    def test_code_in_and_behind_strings_and_comments_counts(self):
        loud = [
            'let x = "\\(A.x)"',
            'let x = #"\\#(A.x)"#',
            'let x = """\n    \\(f(A.x))\n    """',
            'let x = ""; let y = A()',
            'let x = "\\\\"; let y = A()',
            'let x = #"\\"#; let y = A()',
            "/* /* */ */ let y = A()",
            "// comment\nlet y = A()",
            "let x = #/[/]/#; let y = A()",
        ]
        for text in loud:
            with self.subTest(text):
                files = {"A.swift": "struct A { let b: B }", "B.swift": f"{text}\nstruct B {{}}"}
                self.assert_circle("A.swift", "B.swift", files=files)

    def test_targets_do_not_count_for_each_other(self):
        files = {
            "A.swift": "struct A { let b: B }",
            "Sources/EventLoop/B.swift": "struct B { let a: A }",
        }
        self.assert_fine(files, targets(Bytes=[], EventLoop=[]))


class ArrowsTest(CheckCase):
    def test_an_arrow_upward(self):
        files = {"A.swift": "import TTRPC", "Sources/TTRPC/B.swift": "struct B {}"}
        problem = "Bytes, arrows: it depends on TTRPC, which does not stand below it\n"
        self.assert_problem(problem, files, targets(Bytes=["TTRPC"], TTRPC=[]))

    def test_an_arrow_down(self):
        files = {"A.swift": "struct A {}", "Sources/TTRPC/B.swift": "import Bytes"}
        self.assert_fine(files, targets(TTRPC=["Bytes"], Bytes=[]))

    def test_a_target_without_a_place_in_the_order(self):
        problem = "Novelty, arrows: it has no place in ORDER"
        self.assert_problem(problem, {"Sources/Novelty/A.swift": "struct A {}"}, targets(Novelty=[]))

    def test_the_manifest_is_read_whichever_way_it_is_written(self):
        manifest = """
            // .target(name: "Comment", dependencies: ["Bytes"]),
            let package = Package(
                name: "x",
                products: [.executable(name: "models-gateway", targets: ["models-gateway"])],
                dependencies: [.package(url: "https://example.org/x", from: "1.0.0")],
                targets: [
                    .systemLibrary(name: "CLibUV", pkgConfig: "libuv", providers: [.apt(["libuv1-dev"])]),
                    .executableTarget(
                        name: "models-gateway",
                        dependencies: [
                            "Bytes", .target(name: "CLibUV"), .product(name: "Logging", package: "swift-log"),
                        ],
                        swiftSettings: [.unsafeFlags(["Gateway"])]
                    ),
                    .target(name: "Bytes"),
                    .testTarget(name: "BytesTests", dependencies: ["Bytes", "models-gateway"]),
                    .executableTarget(name: "elsewhere", dependencies: ["Bytes"], path: "Tests/Elsewhere"),
                ]
            )
            """
        imports = "import Bytes\nimport CLibUV\nimport Logging"
        self.assert_fine({"A.swift": "struct A {}", "Sources/models-gateway/B.swift": imports}, manifest)


class ImportsTest(CheckCase):
    def test_an_import_that_is_not_declared(self):
        files = {"A.swift": "struct A {}", "Sources/TTRPC/B.swift": "import Bytes"}
        problem = "TTRPC, imports: B.swift imports Bytes, which Package.swift does not declare\n"
        self.assert_problem(problem, files, targets(TTRPC=[], Bytes=[]))

    def test_a_declared_target_that_nobody_imports(self):
        files = {"A.swift": "struct A {}", "Sources/TTRPC/B.swift": "// import Bytes"}
        problem = "TTRPC, imports: Package.swift declares Bytes, which no file imports\n"
        self.assert_problem(problem, files, targets(TTRPC=["Bytes"], Bytes=[]))

    def test_every_form_of_import(self):
        for statement in ("import", "package import", "@testable import", "@_exported public import", "import struct"):
            with self.subTest(statement):
                files = {"A.swift": "struct A {}", "Sources/TTRPC/B.swift": f"{statement} Bytes.A"}
                self.assert_fine(files, targets(TTRPC=["Bytes"], Bytes=[]))

    def test_what_comes_with_the_toolchain_is_not_declared(self):
        self.assert_fine({"A.swift": "import Glibc\nimport Synchronization"})


class LengthsTest(CheckCase):
    def function(self, count: int, head: str = "func long()") -> str:
        return "\n".join([f"    {head} {{", *["        work()"] * (count - 2), "    }"])

    def test_a_file_of_250_lines_is_fine_and_one_of_251_is_not(self):
        self.assert_fine({"A.swift": "let a = 1\n" * 250})
        self.assert_problem("Bytes, lengths: A.swift has 251 lines, more than 250\n", {"A.swift": "let a = 1\n" * 251})

    def test_a_file_of_the_tests(self):
        problem = "Tests, lengths: BytesTests/T.swift has 251 lines, more than 250\n"
        files = {"A.swift": "struct A {}", "Tests/BytesTests/T.swift": "let a = 1\n" * 251}
        self.assert_problem(problem, files)

    def test_a_function_of_60_lines_is_fine_and_one_of_61_is_not(self):
        self.assert_fine({"A.swift": f"struct A {{\n{self.function(60)}\n}}"})
        problem = "Bytes, lengths: A.swift:2: long has 61 lines, more than 60\n"
        self.assert_problem(problem, {"A.swift": f"struct A {{\n{self.function(61)}\n}}"})

    def test_initializers_and_subscripts_are_functions(self):
        for head in ("init()", "init?<T>(x: T)", "deinit", "subscript(i: Int) -> Int"):
            name = re.match("[a-z]+", head)[0]
            with self.subTest(head):
                problem = f"A.swift:2: {name} has 61 lines"
                self.assert_problem(problem, {"A.swift": f"class A {{\n{self.function(61, head)}\n}}"})

    def test_a_brace_in_a_string_or_a_default_argument_ends_no_function(self):
        for head in ('func long(x: String = "{ } {")', "func long(x: () -> Void = {})", "func long() /* } */"):
            with self.subTest(head):
                problem = "A.swift:2: long has 61 lines"
                self.assert_problem(problem, {"A.swift": f"struct A {{\n{self.function(61, head)}\n}}"})

    def test_what_a_protocol_asks_for_has_no_length(self):
        body = "\n".join(["struct B {", *["    let x = 1"] * 70, "}"])
        self.assert_fine({"A.swift": f"protocol A {{\n    func f()\n    init()\n}}\n{body}"})

    def test_calls_of_initializers_are_not_functions(self):
        body = "\n".join(["let x = [", *["    1,"] * 70, "]"])
        self.assert_fine({"A.swift": f"let a = A.init()\n{body}\nstruct B {{}}"})

    def test_the_medians(self):
        functions = "func g() {}\nfunc h() {\n\n}\n"
        _, output = self.check({"A.swift": "func f() {\n}\n", "B.swift": "\n" * 10, "C.swift": functions})
        self.assertIn("3 files: median 4 lines, longest 10\n", output)
        self.assertIn("3 functions: median 2 lines, longest 3\n", output)


class CommandLineTest(unittest.TestCase):
    def test_help_says_what_the_check_cannot_see(self):
        run = subprocess.run([sys.executable, CHECK, "--help"], capture_output=True, text=True)
        self.assertEqual(run.returncode, 0)
        self.assertRegex(run.stdout, re.compile(r"cannot see: members", re.IGNORECASE))

    def test_a_directory_without_a_package(self):
        with tempfile.TemporaryDirectory() as directory:
            run = subprocess.run([sys.executable, CHECK, directory], capture_output=True, text=True)
        self.assertEqual(run.returncode, 64)
        self.assertIn("usage:", run.stderr)


if __name__ == "__main__":
    unittest.main()
