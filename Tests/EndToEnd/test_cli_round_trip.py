"""The command line: JSON comes out as Pieces OS has said it, and goes in as the user has."""

import json

from support import oracle
from support.command import CommandTest
from support.documents import Documents

COUNT = 15


class RoundTripTests(CommandTest):
    def setUp(self):
        self.document, self.bodies = "{}", []
        self.served = self.gateway(self.upstream(self.answer))

    def answer(self, exchange):
        self.bodies.append(exchange.request.body)
        exchange.answer(self.document)

    def test_lists_mean_what_pieces_os_has_said(self):
        documents = Documents(2026)
        for _ in range(COUNT):
            # Most have few models: several in one save the program's start.
            self.document = '{"iterable":[%s]}' % ",".join(documents.document("Model") for _ in range(20))
            out = self.succeed("list", "--json").out
            self.assertEqual(oracle.meaning(out, "Models"), oracle.meaning(self.document, "Models"))
            self.document = documents.document("Models")
            out = self.succeed("call", "ModelsSnapshot").out
            self.assertEqual(oracle.meaning(out, "Models"), oracle.meaning(self.document, "Models"))

    def test_what_is_sent_means_what_was_said(self):
        documents = Documents(2027)
        self.document = json.dumps({"id": "made"})
        for _ in range(COUNT):
            seed = documents.document("SeededModel")
            self.succeed("create", "-", "--json", stdin=seed)
            expected = oracle.meaning(seed, "SeededModel")
            limits = expected.get("maxTokens")
            if limits is not None and "total" not in limits:
                limits.setdefault(oracle.EXTRAS, {}).setdefault("total", None)
            self.assertEqual(oracle.meaning(self.bodies.pop(), "SeededModel"), expected)
