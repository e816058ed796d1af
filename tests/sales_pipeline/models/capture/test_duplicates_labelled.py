"""Most of the misspelt duplicates are found, and nearly nobody else, with the settings as they are shipped."""

import dataclasses
import tempfile
from pathlib import Path

from dev.benching import labelled, loading, spoil
from tests.common import PipelineCase


class TestLabelledList(PipelineCase):
    """A list with ten classes of errors, beside families and colleagues who share all but their names."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.country_id = cls.env.ref("base.us")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "contacts.csv")
            spoil.write_list(path, seed=20, each=8)
            cls.rows = labelled.read(path)
        labels = loading.load(cls.env, [dataclasses.asdict(row) for row in cls.rows])
        found = loading.find_pairs(cls.env, labels)
        cls.told = labelled.judge(cls.rows, {frozenset(pair) for *pair, _kind in found})
        cls.sure = labelled.judge(cls.rows, {frozenset(pair) for *pair, kind in found if kind == "same"})

    def test_most_are_found_and_most_of_the_found_are_right(self):
        self.assertGreaterEqual(self.told.recall, 0.95)
        self.assertGreaterEqual(self.told.precision, 0.98)

    def test_no_class_of_errors_is_a_blind_spot(self):
        self.assertEqual(self.told.classes.keys(), set(spoil.CLASSES))
        for kind, (recall, _total) in self.told.classes.items():
            with self.subTest(kind):
                self.assertGreaterEqual(recall, 0.8)

    def test_what_is_taken_as_the_same_without_asking_is_the_same(self):
        self.assertEqual(self.sure.precision, 1.0)
        self.assertGreater(self.sure.recall, 0.4)
