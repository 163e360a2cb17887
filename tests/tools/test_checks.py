"""tools/check_docs.py: each of its checks finds a seeded error, and nothing in a tree without one."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "tools"))
import check_docs
import module_table

TREE = {
    "Makefile": "test:\n\t@true\n",
    "README.md": "# Title\n## A part: of it\n[there](docs/a.md#b-c) [here](#a-part-of-it) [away](https://a.example/b#c)\n`make test`, `--good`, "
                 "`FACEPIPE_GOOD`\n",
    "docs/a.md": "# a\n## B c\n",
    "src/README.md": "# Modules\n" + module_table.BEGIN + "| module | what it does | depends on |\n| --- | --- | --- |\n"
                     "| `a` | x | |\n| `a/b` | y, z | a |\n" + module_table.END + "- **c, a**: words.\n",
    "src/CMakeLists.txt": "add_subdirectory(a)\nadd_subdirectory(a/b)\n",
    "src/a/CMakeLists.txt": "facepipe_module(a PURPOSE \"x\"\n  SOURCES x.cc)\n",
    "src/a/b/CMakeLists.txt": "facepipe_module(a_b\n  PURPOSE \"y, z\"\n  SOURCES y.cc\n  DEPS a)\n",
    "src/a/x.cc": "// Tested by x_test.cc and\n// fuzz/x_fuzz.cc. See --good.\n",
    "src/a/x.h": "[[nodiscard]] Result<int> parse_x(std::string_view text);\n",
    "src/a/x_test.cc": "",
    "apps/main.cc": 'app.add_option("-g,--good", options.good); getenv("FACEPIPE_GOOD");\n',
    "fuzz/CMakeLists.txt": "facepipe_fuzz(x_fuzz a)\n",
    "fuzz/make_seeds.py": '"x_fuzz": 1\n',
    "fuzz/x_fuzz.cc": "parse_x(text);\n",
}


class CheckDocs(unittest.TestCase):
    def problems(self, **changed):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, text in (TREE | changed).items():
                if text is not None:
                    (root / name).parent.mkdir(parents=True, exist_ok=True)
                    (root / name).write_text(text)
            subprocess.run(["git", "init", "-q"], cwd=root, check=True)
            return [problem for check in check_docs.CHECKS for problem in check(root)]

    def finds(self, words, name, text):
        found = self.problems(**{name: text})
        self.assertEqual(len(found), 1, found)
        self.assertIn(words, found[0])

    def test_a_tree_that_is_as_it_says(self):
        self.assertEqual(self.problems(), [])

    def test_modules(self):
        for row, changed in (("| a |\n", "| |\n"), ("| `a` | x | |\n", ""), ("y, z", "y")):
            self.finds("not what `tools/module_table.py --write` makes", "src/README.md", TREE["src/README.md"].replace(row, changed))
        self.finds("not what", "src/a/CMakeLists.txt", TREE["src/a/CMakeLists.txt"].replace('"x"', '"w"'))

    def test_rooms(self):
        readme = TREE["src/README.md"]
        self.assertEqual(self.problems(**{"src/README.md": readme.replace("**c, a**", "**a, a/b**")}), [])
        self.finds("no word on the room a", "src/README.md", readme.replace("**c, a**", "**a/b**"))

    def test_tested_by(self):
        self.finds("tested by absent_test.cc", "src/a/x.cc", "// Tested by x_test.cc and\n// absent_test.cc.\n")
        self.finds("tested by tests/x_test.cc", "src/a/x.cc", "// Tested by tests/x_test.cc\n")

    def test_options_in_documents_and_comments(self):
        self.finds("README.md:4: --bad ", "README.md", TREE["README.md"].replace("--good", "--bad"))
        self.finds("x.cc:1: --bad ", "src/a/x.cc", "// Past --bad it ends.\n")

    def test_environment(self):
        self.finds("nothing reads FACEPIPE_BAD", "docs/a.md", TREE["docs/a.md"] + "FACEPIPE_BAD\n")

    def test_links(self):
        self.finds("leads nowhere", "docs/a.md", TREE["docs/a.md"] + "[x](b.md)\n")
        self.finds("names no heading", "docs/a.md", TREE["docs/a.md"] + "[x](../README.md#absent)\n")

    def test_make_targets(self):
        self.finds("`make dinner` is no target", "docs/a.md", TREE["docs/a.md"] + "`make dinner`\n")

    def test_fuzz_targets(self):
        self.finds("parse_y has no fuzz target", "src/a/x.h", TREE["src/a/x.h"] + TREE["src/a/x.h"].replace("parse_x", "parse_y"))
        self.finds("no seeds", "fuzz/make_seeds.py", "")
        self.finds("not in fuzz/CMakeLists.txt", "fuzz/CMakeLists.txt", "")


if __name__ == "__main__":
    unittest.main()
