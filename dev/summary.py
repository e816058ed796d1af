"""Count what all runners did and say it in one closing line."""
from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Summary:
    """Running totals over every check and test."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    complaints: list[str] = field(default_factory=list)

    def check(self, name: str, good: bool) -> None:
        """Count a linter as one test."""
        if good:
            self.passed += 1
        else:
            self.fail(name)

    def fail(self, name: str) -> None:
        """Count a failure and remember its name for the end."""
        self.failed += 1
        self.complaints.append(f"FAILED {name}")

    def read(self, report: Path, runner: str, returncode: int, strict: bool) -> None:
        """Add a pytest report.

        :param runner: what to call it when it broke down without a report
        :param returncode: pytest's own; 5 means that no test was chosen
        :param strict: a skipped test is a failure, because a tool is missing that should be there
        """
        before = self.failed
        if report.exists():
            for case in ET.parse(report).getroot().iter("testcase"):
                self._count(case, strict)
        if returncode not in (0, 5) and self.failed == before:
            self.fail(f"{runner} (ended with status {returncode})")

    def _count(self, case: ET.Element, strict: bool) -> None:
        """Count one test of a report."""
        name = f"{case.get('classname', '')}.{case.get('name', '')}".lstrip(".")
        skip = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            self.fail(name)
        elif skip is None or skip.get("type") == "pytest.xfail":
            self.passed += 1
        elif strict:
            self.fail(f"{name} (skipped: {skip.get('message')})")
        else:
            self.skipped += 1
            self.complaints.append(f"skipped {name}: {skip.get('message')}")

    @property
    def returncode(self) -> int:
        """Return what the command ends with; nothing tested is a failure too."""
        return int(self.failed > 0 or self.passed == 0)

    def line(self) -> str:
        """Spell the closing line."""
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"
