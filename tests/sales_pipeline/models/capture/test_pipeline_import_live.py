"""What only a real server proves of imports: the page in a browser, a pause, a kill, and taking all back."""

import base64
import csv
import io

import pytest

from tests.live import login, screenshot, wait_until
from tests.live.clients import Client, Source, at_once, make_team, make_users

STUDIO = "/odoo/action-sales_pipeline.pipeline_import_studio_action"
PAGE = ".o_pipeline_import_studio"


def make_list(count, word):
    """Return a list of people nobody knows, with one who is known, one twice, one without a name and a broken row."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["Full name", "E-Mail", "Telephone", "Company", "Shoe size"])
    # Each list has numbers of its own: what another one left behind would be the same people.
    first = 23_000_000 + 100_000 * ("Studio", "Phone", "Killed", "Beside").index(word)
    for number in range(count):
        writer.writerow([f"{word} Person {number}", f"{word.lower()}{number}@list.example",
                         f"+49 30 {first + number}", f"Firm {number % 50}", number % 13])  # fmt: skip
    writer.writerow(["Ada Known", "ada@known.example", "", "Known Inc", ""])
    writer.writerow([f"{word} Person 0", f"{word.lower()}0@list.example", "", "", ""])
    writer.writerow(["", "", "", "", "7"])
    writer.writerow(["too", "many@cells.example", "", "", "", "cells", "here"])
    return text.getvalue().encode()


@pytest.fixture(scope="module")
def admin(server):
    client = Client(server)
    users = make_users(server, client, 4, "import")
    make_team(client, "Import Team", list(users.values()))
    client.call("crm.lead", "create", {"name": "Known", "type": "lead", "contact_name": "Ada Known",
                                       "email_from": "ada@known.example"})  # fmt: skip
    return client


def count(server, number, what="l.id", more="AND i.result = 'created'"):
    [(found,)] = server.sql(
        f"SELECT count(DISTINCT {what}) FROM pipeline_inbox i JOIN crm_lead l ON l.id = i.lead_id "
        f"WHERE i.import_id = %s AND l.deleted_at IS NULL {more}", number
    )  # fmt: skip
    return found


def state(server, number):
    return server.sql("SELECT state, read_count FROM pipeline_import WHERE id = %s", number)[0]


def last_import(server):
    return server.sql("SELECT max(id) FROM pipeline_import")[0][0]


def test_a_list_is_led_from_the_file_to_the_result_and_back(server, admin, new_page, tmp_path):
    page = new_page(viewport={"width": 1440, "height": 1000})
    login(page, path=STUDIO)
    page.wait_for_selector(f"{PAGE} .o_pipeline_drop")
    screenshot(page, "import_studio_file_1440")
    path = tmp_path / "people.csv"
    path.write_bytes(make_list(12_000, "Studio"))
    page.set_input_files(f"{PAGE} input[type=file]", path)
    page.wait_for_selector(".o_pipeline_column[data-column='Full name']", timeout=60_000)
    assert page.input_value("select[aria-label='Telephone']") == "phone"
    assert page.input_value("select[aria-label='Shoe size']") == "note"
    page.select_option("select[aria-label='Shoe size']", "ignore")
    page.wait_for_function("document.querySelector(\"select[aria-label='Shoe size']\").value === 'ignore'")
    screenshot(page, "import_studio_columns_1440")
    page.click("text=Preview >> nth=-1")
    page.wait_for_selector(".o_pipeline_row")
    page.wait_for_selector("text=rows were looked at", timeout=120_000)
    screenshot(page, "import_studio_preview_1440")
    assert "Twice in the list 1" in page.inner_text("[data-kind=earlier]"), "found over the whole list"
    page.click("[data-kind=refused]")
    page.wait_for_selector(".o_pipeline_row[data-kind=refused] >> text=The name is missing")
    number = last_import(server)
    assert server.sql("SELECT count(*) FROM pipeline_inbox WHERE import_id = %s", number) == [(0,)]
    page.click("text=/Import .* rows/")
    page.wait_for_selector("text=The list is being imported")
    wait_until(lambda: state(server, number)[1], 60, "the first rows")
    page.click("text=Pause")
    page.wait_for_selector("text=The import is paused")
    paused = state(server, number)
    assert paused[0] == "paused" and 0 < paused[1] < 12_004
    assert count(server, number) <= paused[1]
    screenshot(page, "import_studio_paused_1440")
    page.click("text=Go on")
    page.wait_for_selector("text=The list was imported", timeout=240_000)
    assert (state(server, number), count(server, number)) == (("done", 12_004), 12_000)
    screenshot(page, "import_studio_result_1440")
    with page.expect_download() as download:
        page.click("text=Download the rows that were not imported")
    lines = list(csv.reader(io.StringIO(download.value.path().read_text("utf-8-sig"))))
    assert [line[-1] for line in lines[1:]] == [
        "The name is missing.",
        "The row has more cells than there are columns. Does a text with a delimiter lack quotation marks?",
    ]
    created = "SELECT min(lead_id) FROM pipeline_inbox WHERE import_id = %s AND result = 'created'"
    [(touched,)] = server.sql(created, number)
    admin.call("crm.lead", "write", [touched], {"description": "Called, wants an offer"})
    page.click("text=Take the import back")
    page.wait_for_selector("text=The import was taken back", timeout=240_000)
    assert count(server, number) == 1
    touches = (
        "SELECT count(*) FROM pipeline_touch t JOIN crm_lead l ON l.id = t.lead_id "
        "WHERE l.email_normalized = 'ada@known.example' AND t.capture_channel = 'bulk_upload'"
    )
    assert server.sql(touches) == [(0,)]
    page.wait_for_selector(".o_pipeline_row[data-kind=kept]")
    screenshot(page, "import_studio_undone_1440")
    assert page.problems == []


def test_the_page_works_on_a_phone(server, admin, new_page, tmp_path):
    page = new_page(viewport={"width": 400, "height": 800})
    login(page, path=STUDIO)
    page.wait_for_selector(f"{PAGE} .o_pipeline_drop")
    screenshot(page, "import_studio_file_400")
    path = tmp_path / "phone.csv"
    path.write_bytes(make_list(30, "Phone"))
    page.set_input_files(f"{PAGE} input[type=file]", path)
    page.wait_for_selector(".o_pipeline_column")
    screenshot(page, "import_studio_columns_400")
    assert page.input_value("select[aria-label='Shoe size']") == "ignore", "what was chosen for lists of this kind"
    page.click("text=Preview >> nth=-1")
    page.wait_for_selector(".o_pipeline_row")
    screenshot(page, "import_studio_preview_400")
    wide = page.evaluate("document.querySelector('.o_pipeline_import_studio').scrollWidth")
    assert wide <= 400
    page.click("text=/Import .* rows/")
    page.wait_for_selector("text=The list was imported", timeout=60_000)
    screenshot(page, "import_studio_result_400")
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"PK\x03\x04 no spreadsheet")
    page.click("text=Import another list")
    page.set_input_files(f"{PAGE} input[type=file]", broken)
    page.wait_for_selector(".alert-danger >> text=The spreadsheet cannot be read")
    assert page.problems == []


@pytest.mark.timeout(600)
def test_a_killed_server_goes_on_where_it_stopped_and_brings_nothing_twice(server, admin):
    content = base64.b64encode(make_list(3_000, "Killed")).decode()
    number = admin.call("pipeline.import", "create", {"name": "killed.csv", "file": content})
    admin.call("pipeline.import", "action_start", [number])
    wait_until(lambda: (state(server, number)[1] or 0) > 500, 90, "some rows")
    server.kill()
    before = state(server, number)
    assert before[0] == "queued" and before[1] < 3_004
    server.start()
    wait_until(lambda: state(server, number)[0] == "done", 180, "the end of the import")
    assert state(server, number)[1] == 3_004
    assert count(server, number) == 3_000
    emails = "SELECT count(*), count(DISTINCT email_normalized) FROM crm_lead WHERE email_normalized LIKE 'killed%%'"
    assert server.sql(emails) == [(3_000, 3_000)]
    events = server.sql(
        "SELECT count(*), count(DISTINCT e.res_id) FROM pipeline_event e JOIN pipeline_inbox i ON i.lead_id = e.res_id "
        "WHERE i.import_id = %s AND i.result = 'created' AND e.kind = 'captured' AND e.res_model = 'crm.lead'", number
    )  # fmt: skip
    assert events == [(3_000, 3_000)]
    touches = server.sql(
        "SELECT count(*) FROM pipeline_touch WHERE lead_id IN "
        "(SELECT lead_id FROM pipeline_inbox WHERE import_id = %s AND result = 'created')", number
    )  # fmt: skip
    assert touches == [(3_001,)], "one each, and one for the row that is twice in the list"


@pytest.mark.timeout(600)
def test_captures_beside_an_import_of_the_same_people_make_one_lead_each_and_lose_no_touch(server, admin):
    source = Source(server, admin)
    content = base64.b64encode(make_list(6_000, "Beside")).decode()
    number = admin.call("pipeline.import", "create", {"name": "beside.csv", "file": content})
    admin.call("pipeline.import", "action_start", [number])
    wait_until(lambda: state(server, number)[1], 90, "the first rows")
    # Those who came in already, those who are about to, and those of the last rows.
    people = [person for first in (0, 1_500, 3_000, 4_500, 5_980) for person in range(first, first + 20)]
    bodies = [{"name": f"Beside Person {n}", "email": f"beside{n}@list.example"} for n in people]
    statuses = []
    for begin in range(0, len(bodies), 10):
        statuses += at_once([
            lambda body=body: source.post(body["email"], **body) for body in bodies[begin : begin + 10]
        ])  # fmt: skip
    assert statuses == [200] * 100
    wait_until(lambda: state(server, number)[0] == "done", 240, "the end of the import")
    source.wait_until_drained()
    leads = "SELECT count(*), count(DISTINCT email_normalized) FROM crm_lead WHERE email_normalized LIKE 'beside%%'"
    assert server.sql(leads) == [(6_000, 6_000)]
    results = "SELECT result, count(*) FROM pipeline_inbox WHERE {} = %s GROUP BY result"
    by_list = dict(server.sql(results.format("import_id"), number))
    by_capture = dict(server.sql(results.format("source_id"), source.id))
    assert by_list["created"] + by_capture.get("created", 0) == 6_000
    assert sum(by_capture.values()) == 100 and set(by_capture) <= {"created", "duplicate"}
    touches = server.sql(
        "SELECT count(*), count(*) FILTER (WHERE t.pipeline_source_id = %s) FROM pipeline_touch t "
        "JOIN crm_lead l ON l.id = t.lead_id WHERE l.email_normalized LIKE 'beside%%%%'", source.id
    )  # fmt: skip
    assert touches == [(6_101, 100)], "one each of the list, one for the row that is twice in it, one a capture"
