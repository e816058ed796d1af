import base64
from unittest.mock import patch

import phonenumbers

from odoo.addons.sales_pipeline.models.capture import pipeline_import_read, pipeline_import_run
from odoo.addons.sales_pipeline.tools import ahead_process
from tests.common import PipelineCase


def _make_list():
    """Return a list with a number of each country, in its national and its international spelling, and a bad row."""
    lines = ["Name,E-Mail,Phone,Country,Street,Shoe size"]
    for place, region in enumerate(sorted(phonenumbers.SUPPORTED_REGIONS)):
        example = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
        for one, kind in enumerate(("NATIONAL", "E164")) if example else ():
            typed = phonenumbers.format_number(example, getattr(phonenumbers.PhoneNumberFormat, kind))
            mail = f"ann{place}.{one}@{region.lower()}.example"
            lines.append(f"Ann {region}{place},{mail},{typed},{region},Way {place},{one}")
    lines.insert(7, "too,many,cells,in,this,row,here")
    return "\n".join(lines).encode()


class TestPipelineImportRead(PipelineCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # A test's cursor refuses to commit; what a commit saves is tested against a real server.
        cls.startClassPatcher(patch.object(pipeline_import_run.PipelineImport, "_checkpoint", lambda *args: True))
        cls.startClassPatcher(patch.object(pipeline_import_run, "_CHUNK", 100))
        cls.content = _make_list()
        cls.started = []
        start = ahead_process._start

        def start_noted():
            cls.started.append(start())
            return cls.started[-1]

        cls.startClassPatcher(patch.object(ahead_process, "_start", start_noted))

    def setUp(self):
        super().setUp()
        self.started.clear()
        self.record = self.env["pipeline.import"].create({"name": "l.csv", "file": base64.b64encode(self.content)})

    def _open(self):
        table, plans, mapping = self.record._open()
        self.record._begin(table, plans)
        return self.record._read_ahead(table, plans, mapping, 20)

    def _set_worth(self, rows):
        self.startPatcher(patch.object(pipeline_import_read, "_WORTH_A_PROCESS", rows))

    def test_a_process_reads_what_a_thread_reads(self):
        by_thread = list(self._open())
        self.assertFalse(self.started)
        self._set_worth(0)
        by_process = list(self._open())
        self.assertEqual(len(self.started), 1)
        self.assertGreater(len(by_thread), 20)
        for one, other in zip(by_process, by_thread, strict=True):
            self.assertEqual((one.rows, one.readable, one.items), (other.rows, other.readable, other.items))
            self.assertEqual(one.validity, other.validity)
            for draft, same in zip(one.drafts, other.drafts, strict=True):
                self.assertEqual((vars(draft), vars(draft.contact)), (vars(same), vars(same.contact)))
        self.assertIsNotNone(self.started[0].returncode)

    def test_who_stops_reading_ends_the_process(self):
        self._set_worth(0)
        chunks = self._open()
        next(chunks)
        self.assertIsNone(self.started[0].poll())
        chunks.close()
        self.assertIsNotNone(self.started[0].returncode)

    def _import(self):
        report = self.env["pipeline.import"]._import_file("l.csv", self.content)
        lines = self.env["pipeline.inbox"].search([("import_id.name", "=", "l.csv")]).mapped("payload")
        return report, sorted(one["line"] for one in lines)

    def test_a_process_that_is_lost_midway_loses_and_repeats_no_row(self):
        self._set_worth(0)
        receive, calls = ahead_process._receive, []

        def receive_twice(stream):
            calls.append(stream)
            if len(calls) == 2:
                self.started[0].kill()
                self.started[0].wait()
                # what it had sent before does not count
                stream.read()
            return receive(stream)

        received = patch.object(ahead_process, "_receive", receive_twice)
        with received, self.assertLogs(pipeline_import_read._logger) as log:
            report, lines = self._import()
        self.assertIn("was lost", log.output[0])
        rows = self.content.count(b"\n")
        self.assertEqual((report["read_count"], report["problem_count"]), (rows, 1))
        self.assertEqual(lines, [line for line in range(2, rows + 2) if line != 8])

    def test_a_server_that_cannot_start_a_process_imports_by_a_thread(self):
        self._set_worth(0)
        with (
            patch.object(ahead_process, "_PROGRAM", ahead_process._PROGRAM.with_name("no_such_program.py")),
            self.assertLogs(pipeline_import_read._logger) as log,
        ):
            report, lines = self._import()
        self.assertIn("was lost", log.output[0])
        self.assertEqual((report["read_count"], len(lines)), (self.content.count(b"\n"), self.content.count(b"\n") - 1))
