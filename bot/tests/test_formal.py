"""Which files a model is made from, and where it lies, under either form of address."""

from __future__ import annotations

import os
import tempfile
import unittest
from pathlib import Path
from unittest.mock import patch

from bot import paths


class FormalTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.project = Path(folder.name)
        (self.project / paths.FORMAL).mkdir(parents=True)
        self.text = self.project / paths.FORMAL / "it.yml"
        for file in (self.project / "domain.yml", self.project / "data" / "nlu.yml", self.text):
            file.write_text("a", encoding="utf-8")

    def name_model(self, address: str) -> Path:
        own = {"PRONTO_ADDRESS": address, "PRONTO_PROJECT_DIR": str(self.project), "PRONTO_DATA_DIR": str(self.project)}
        with patch.dict(os.environ, own):
            return paths.name_model()

    def test_a_model_of_one_form_is_never_found_for_the_other(self) -> None:
        informal, formal = self.name_model("informal"), self.name_model("formal")
        self.assertEqual(formal.parent, informal.parent / "formal")
        self.assertNotEqual(formal.name, informal.name)
        self.assertEqual(self.name_model(""), informal)

    def test_a_formal_text_changes_the_formal_model_only(self) -> None:
        informal, formal = self.name_model("informal"), self.name_model("formal")
        self.text.write_text("b", encoding="utf-8")
        self.assertEqual(self.name_model("informal"), informal)
        self.assertNotEqual(self.name_model("formal"), formal)

    def test_another_form_of_address_is_refused(self) -> None:
        with self.assertRaises(SystemExit) as caught:  # noqa: PT027  (this Python has no pytest)
            self.name_model("polite")
        self.assertEqual(str(caught.exception), "PRONTO_ADDRESS='polite' is not known: write informal or formal.")


if __name__ == "__main__":
    unittest.main()
