"""What the pages say of options, limits, errors, calls and metrics is what there is; and no link leads nowhere."""

import json
import re
import subprocess

from support import door
from support.case import EndToEndTest
from support.gateway import BINARY, ROOT
from support.pages import links, pages, rows

SERVE = ROOT / "Sources/models-gateway/serve.md"
MANUAL = SERVE.with_name("models-gateway.1")
ERRORS = ROOT / "Protos/errors.md"
CONTRACT = ROOT / "Protos/README.md"
METRICS = ROOT / "Sources/Gateway/Metrics/README.md"
#: What programs write.
MEASURED = ("results.md", "attacks.md")
WIDEST = 120


class PageTests(EndToEndTest):
    def test_every_relative_link_leads_somewhere(self):
        for page in pages():
            for target in links(page):
                with self.subTest(page=page.relative_to(ROOT), target=target):
                    self.assertTrue((page.parent / target).exists())

    def test_every_page_can_be_reached(self):
        reached, waiting = set(), [ROOT / "README.md"]
        while waiting:
            page = waiting.pop()
            if page not in reached:
                reached.add(page)
                waiting += [(page.parent / target).resolve() for target in links(page) if target.endswith(".md")]
        self.assertEqual(set(pages()) - reached, set())

    def test_no_line_is_wider_than_a_window(self):
        for page in pages():
            if page.name not in MEASURED:
                wide = [line for line in page.read_text().splitlines() if len(line) > WIDEST]
                self.assertEqual(wide, [], page.relative_to(ROOT))


class ServeTests(EndToEndTest):
    def setUp(self):
        self.help = subprocess.run([BINARY, "serve", "--help"], capture_output=True, text=True, timeout=20).stdout
        self.options = {
            match[1]: cells
            for cells in rows(SERVE)
            if (match := re.fullmatch(r"`(--[a-z-]+)(?: [A-Z]+)?`", cells[0])) and len(cells) == 3
        }

    def test_its_options_are_those_of_the_help(self):
        said = set(re.findall(r"^  (--[a-z-]+) ", self.help, re.MULTILINE))
        self.assertEqual(set(self.options), said - {"--version"})

    def test_its_defaults_are_those_of_the_help(self):
        sections = re.split(r"^  (?=-)", self.help, flags=re.MULTILINE)
        defaults = {section.split()[0]: re.search(r"\bdefault:\s+([^)]*)\)", section) for section in sections[1:]}
        self.assertGreater(len([one for one in defaults.values() if one]), 10)
        for option, (_, default, _) in self.options.items():
            with self.subTest(option):
                said = defaults[option] and defaults[option][1]
                if re.fullmatch(r"`.*`", default) and said:
                    self.assertEqual(default.strip("`"), said)
                elif said:
                    self.assertEqual((option, said, default), ("--max-connections-per-uid", "--max-connections", "all"))
                else:
                    self.assertIn(option, ("--socket", "--listen", "--upstream", "--metrics", "--json"))

    def test_the_manual_page_has_the_same_defaults(self):
        sections = re.split(r"^\.It ", MANUAL.read_text(), flags=re.MULTILINE)
        serve = sections[sections.index(next(one for one in sections if one.startswith("Em serve\n"))) :]
        for option, (_, default, _) in self.options.items():
            with self.subTest(option):
                section = next(one for one in serve if re.match(rf"Fl -{option[2:]}\s", one))
                if re.fullmatch(r"`.*`", default) and option != "--upstream":
                    self.assertRegex(section, rf"\((values: [a-z, ]+; )?default: {default.strip('`')}\)")


class ErrorTests(EndToEndTest):
    def test_every_reason_has_its_row(self):
        source = (ROOT / "Sources/Calls/StatusReason.swift").read_text()
        reasons = re.findall(r'= "([A-Z_]+)"', source)
        table = [cells[0].strip("`") for cells in rows(ERRORS) if re.fullmatch(r"`[A-Z_]+`", cells[0])]
        self.assertEqual(sorted(table), sorted(reasons))

    def test_statuses_become_the_codes_that_it_names(self):
        codes = {}
        for cells in rows(ERRORS):
            if re.match(r"\d", cells[0]):
                codes |= dict.fromkeys(map(int, re.findall(r"\b\d{3}\b", cells[0])), cells[1])
        codes |= {418: codes[412], 302: "INTERNAL", 500: "INTERNAL"}
        self.assertGreater(len(codes), 14)
        status = 0
        gateway = self.gateway(self.upstream(lambda exchange: exchange.answer("no", status)))
        for status, code in codes.items():
            command = [BINARY, "unload", "--json", "--socket", gateway.path]
            run = subprocess.run(command, capture_output=True, text=True, timeout=20)
            self.assertEqual(json.loads(run.stderr)["code"], code, status)


class ContractTests(EndToEndTest):
    def test_every_call_has_its_row(self):
        source = (ROOT / "Protos/pieces/models/v1/models.proto").read_text()
        calls = re.findall(
            r"rpc (\w+)\(\w+\) returns \((?:(stream) )?(?:google\.protobuf\.)?(\w+)\).*?(get|post): \"(.*?)\"",
            source,
            re.DOTALL,
        )
        self.assertEqual(len(calls), 6)
        table = {cells[0].strip("`"): cells[1:] for cells in rows(CONTRACT)}
        for name, stream, answer, verb, path in calls:
            self.assertRegex(table[name][0], f"^{stream and 'stream of '}`{answer}`")
            self.assertEqual(table[name][1], f"`{verb.upper()} {path}`")


class MetricsTests(EndToEndTest):
    def test_every_metric_and_its_labels_have_their_row(self):
        text = door.ask(self.gateway(self.upstream()).path, "/metrics").text
        there = {}
        for name, kind in re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE):
            sample = re.search(rf"^{name}(?:_bucket)?(\{{.*?\}})? ", text, re.MULTILINE)[1] or ""
            labels = set(re.findall(r'(\w+)="', sample)) - {"le"}
            there[name.removeprefix("models_gateway_")] = labels
            if kind == "histogram":
                self.assertIn("le=", sample)
        table = {
            name: set(re.findall(r"`(\w+)`", cells[1]))
            for cells in rows(METRICS)
            for name in re.findall(r"`(\w+)`", cells[0])
        }
        self.assertEqual(table, there)
