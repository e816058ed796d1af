"""The examples in the docstrings are true."""

import doctest
import importlib
import pkgutil

import pytest

from odoo.addons.sales_pipeline import tools
from odoo.addons.sales_pipeline.providers import capture

_MODULES = [
    f"{package.__name__}.{found.name}"
    for package in (tools, capture)
    for found in pkgutil.iter_modules(package.__path__)
]


@pytest.mark.parametrize("name", _MODULES)
def test_examples_of_docstrings_are_true(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_there_are_examples():
    finder = doctest.DocTestFinder()
    modules = [importlib.import_module(name) for name in _MODULES]
    assert sum(len(test.examples) for module in modules for test in finder.find(module)) > 20
