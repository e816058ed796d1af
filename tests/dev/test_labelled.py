"""Labelled lists are read by their headings and judged by their labels."""

import pytest

from dev.benching import labelled, spoil
from dev.common import Fail


def _write(tmp_path, text):
    path = tmp_path / "list.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_columns_are_known_by_their_names(tmp_path):
    rows = labelled.read(_write(tmp_path, (
        "rec_id, given_name, surname, street_number, address_1, suburb, postcode, date_of_birth, soc_sec_id\n"
        "rec-1-org, Ada, King, 4, elm road, marlow, 9021, 19850614, 77\n"
    )))  # fmt: skip
    assert rows[0].person == "1"
    assert rows[0].values["name"] == "Ada King"
    assert rows[0].values["street"] == "4 elm road"
    place = [rows[0].values[name] for name in ("city", "zip", "birth_date")]
    assert place == ["marlow", "9021", "19850614"]
    assert rows[0].numbers == {"soc_sec_id": "77"}


def test_other_headings_mean_the_same(tmp_path):
    text = "rec_id,Full Name,Company,E-mail,Mobile,Phone\nrec-1-org,Ada King,Acme,a@b.example,+1 212 555 0100,\n"
    values = labelled.read(_write(tmp_path, text))[0].values
    assert (values["name"], values["company"], values["email"]) == ("Ada King", "Acme", "a@b.example")
    assert values["phone"] == "+1 212 555 0100"


@pytest.mark.parametrize("text", ["name\nAda\n", "rec_id,name\nsomething,Ada\n"])
def test_a_list_without_labels_is_refused(tmp_path, text):
    with pytest.raises(Fail):
        labelled.read(_write(tmp_path, text))


def test_recall_and_precision_are_counted_by_pairs(tmp_path):
    rows = labelled.read(_write(tmp_path, (
        "rec_id,name,city\nrec-1-org,Ada,X\nrec-1-dup-0,Ida,X\nrec-1-dup-1,Ada,Y\nrec-2-org,Bob,X\n"
    )))  # fmt: skip
    found = {frozenset(("rec-1-org", "rec-1-dup-0")), frozenset(("rec-1-org", "rec-2-org"))}
    judgement = labelled.judge(rows, found)
    assert judgement.recall == pytest.approx(1 / 3)
    assert judgement.precision == 0.5
    assert judgement.classes["name"] == (1.0, 1)
    assert judgement.classes["city"] == (0.0, 1)


def test_a_made_list_has_every_class_and_is_the_same_each_time(tmp_path):
    spoil.write_list(tmp_path / "one.csv", seed=3, each=2)
    spoil.write_list(tmp_path / "two.csv", seed=3, each=2)
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()
    rows = labelled.read(tmp_path / "one.csv")
    assert {row.error for row in rows} - {""} == set(spoil.CLASSES)
    assert len(labelled.true_pairs(rows)) == 2 * len(spoil.CLASSES)
