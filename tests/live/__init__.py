"""A real Odoo server for tests: own process and database, running crons, caught mail, killable; and a browser."""
import contextlib
import email
import email.policy
import os
import re
import shutil
import signal
import subprocess
import time
import unittest.mock
import urllib.error
import urllib.request
from pathlib import Path

import psycopg2
import pytest
from aiosmtpd.controller import Controller

from dev import databases, odoo_config, odoo_package, postgres, programs
from dev.common import STATE, lock
from dev.ports import free_port
from dev.processes import die_with_parent

__all__ = [
    "LiveServer", "_server_warns_not", "browser", "login", "new_page", "page", "screenshot", "server", "stock_server",
    "wait_until",
]

OUR_TROUBLE = re.compile(r"^\S+ \S+ \d+ (WARNING|ERROR|CRITICAL) \S+ .*(odoo\.addons\.|/)sales_pipeline")
CHROMIUM = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
)


def wait_until(check, seconds=10.0, what=""):
    """Call a function until it returns something true, and return that.

    :raise AssertionError: when the time is over
    """
    end = time.monotonic() + seconds
    while True:
        if found := check():
            return found
        if time.monotonic() > end:
            raise AssertionError(f"{what or 'it'} did not happen within {seconds:g} s")
        time.sleep(0.05)


class MailSink:
    """An SMTP server on the loopback that keeps what it is given."""

    def __init__(self):
        self.received = []
        self.port = free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    async def handle_DATA(self, _server, _session, envelope):
        """Keep a mail, with the addresses of its envelope."""
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        message.envelope_to = list(envelope.rcpt_tos)
        self.received.append(message)
        return "250 kept"

    def close(self):
        """Stop listening."""
        self._controller.stop()


class LiveServer:
    """One Odoo process on a copy of the template database.

    :ivar base_url: ``http://127.0.0.1:PORT``
    :ivar log: the process's log file
    """

    def __init__(self, name, template=None):
        self.database = f"{databases.PREFIX}_live_{os.getpid()}_{name}"[:60].lower()
        self.port = free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.log = STATE / f"log/live-{name}.log"
        self.odoo = odoo_package.find_odoo()
        self.process = None
        self._expected = []
        self._read = 0
        self._registry = None
        self.sink = MailSink()
        self._postgres = postgres.Server(
            os.environ["PGHOST"], os.environ["PGPORT"], os.environ["PGUSER"], os.environ.get("PGPASSWORD", "")
        )
        databases.copy(self._postgres, "test", template or os.environ["SALES_PIPELINE_TEMPLATE"], self.database)
        self.log.parent.mkdir(exist_ok=True)
        self.log.write_text("", encoding="utf-8")
        self.sql("UPDATE ir_mail_server SET smtp_port = %s", self.sink.port)
        self.sql("UPDATE ir_config_parameter SET value = %s WHERE key IN ('web.base.url', 'report.url')", self.base_url)
        # all of a new database's jobs are due: they would write what the first requests write
        self.sql("""UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' + interval '1 hour' WHERE id NOT IN (
                        SELECT res_id FROM ir_model_data
                         WHERE model = 'ir.cron' AND module LIKE 'sales\\_pipeline%')""")
        # OdooBot greets a new user with a window that covers a phone's whole screen
        self.sql("UPDATE res_users SET odoobot_state = 'disabled'")
        self.sql("""INSERT INTO ir_default (field_id, json_value) SELECT id, '"disabled"' FROM ir_model_fields
                     WHERE model = 'res.users' AND name = 'odoobot_state'""")

    def start(self, *options):
        """Start Odoo and wait until it answers.

        :param options: more options for its command line
        """
        line = odoo_config.odoo_command(
            self.odoo, "-c", odoo_config.conf_path("test"), "-d", self.database, "--http-port", self.port,
            "--logfile", self.log, "--log-level=info", *options,
        )
        environment = odoo_config.odoo_environment(self._postgres, "test")
        with open(self.log.with_suffix(".out"), "ab") as output:
            self.process = subprocess.Popen(
                line, env=environment, cwd=STATE, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                preexec_fn=die_with_parent,
            )
        wait_until(self._answers, 60, f"the start of Odoo (see {self.log})")

    def _answers(self):
        """Tell whether Odoo serves this database."""
        assert self.process.poll() is None, f"Odoo ended by itself, see {self.log} and {self.log.with_suffix('.out')}"
        try:
            with urllib.request.urlopen(f"{self.base_url}/web/manifest.webmanifest", timeout=30) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def kill(self):
        """End Odoo as a power cut would; start() brings it back."""
        self._end(signal.SIGKILL)

    def stop(self):
        """End Odoo as an administrator would."""
        self._end(signal.SIGTERM)

    def _end(self, number):
        """Send a signal and wait for the end."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def connect(self, database=None):
        """Return a new psycopg2 connection to the database, or to another one of the same PostgreSQL."""
        server = self._postgres
        return psycopg2.connect(
            host=server.host, port=server.port, user=server.user, password=server.password or None,
            dbname=database or self.database,
        )

    def sql(self, statement, *params):
        """Run a statement, commit it, and return its rows."""
        with contextlib.closing(self.connect()) as connection, connection, connection.cursor() as cursor:
            cursor.execute(statement, params or None)
            return cursor.fetchall() if cursor.description else []

    @contextlib.contextmanager
    def env(self, login="__system__"):
        """Open an Odoo environment of this process on the same database; it commits at the block's end."""
        import odoo.api
        import odoo.modules.registry

        if self._registry is None:
            odoo.tools.config.parse_config(["-c", str(odoo_config.conf_path("test")), "-d", self.database])
            self._registry = odoo.modules.registry.Registry(self.database)
        self._registry.check_signaling()
        with self._registry.cursor() as cr:
            env = odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, {})
            yield env if login == "__system__" else env(
                user=env["res.users"].with_context(active_test=False).search([("login", "=", login)]).id
            )
            env.flush_all()
        self._registry.signal_changes()

    def wake(self, job):
        """Have a job of ours run now, not at its next minute."""
        with self.env() as env:
            env.ref(f"sales_pipeline.{job}")._trigger()

    def shell(self, code):
        """Run Python in a separate Odoo shell (``env`` is there) and return what it printed."""
        line = odoo_config.odoo_command(
            self.odoo, "shell", "-c", odoo_config.conf_path("test"), "-d", self.database, "--no-http"
        )
        done = subprocess.run(
            [*line, "--log-level=warn"], input=code + "\nenv.cr.commit()\nprint('the end')\n", text=True, check=False,
            capture_output=True, cwd=STATE, env=odoo_config.odoo_environment(self._postgres, "test"),
        )
        assert done.stdout.endswith("the end\n"), done.stderr
        return done.stdout.removesuffix("the end\n")

    def mails(self, to=None):
        """Return the mails that Odoo sent so far, those to one address if it is given."""
        return [mail for mail in self.sink.received if to is None or to in mail.envelope_to]

    def expect_log(self, pattern):
        """Let warnings that match pass until the running test ends."""
        self._expected.append(re.compile(pattern))

    def new_trouble(self):
        """Return the warnings and errors of our addons that were logged since the last call."""
        with open(self.log, encoding="utf-8", errors="replace") as log:
            log.seek(self._read)
            lines = log.readlines()
            self._read = log.tell()
        expected, self._expected = self._expected, []
        return [
            line.rstrip() for line in lines
            if OUR_TROUBLE.match(line) and not any(pattern.search(line) for pattern in expected)
        ]

    def close(self):
        """End everything and drop the database."""
        self.stop()
        self.sink.close()
        if self._registry is not None:
            import odoo.modules.registry
            import odoo.sql_db

            odoo.modules.registry.Registry.delete(self.database)
            odoo.sql_db.close_db(self.database)
        databases.remove(self._postgres, "test", self.database)


@pytest.fixture(scope="module")
def server(request):
    """Run Odoo for the tests of one file."""
    live = LiveServer(Path(request.node.path).stem.removeprefix("test_"))
    try:
        live.start()
        yield live
    finally:
        live.close()


@pytest.fixture
def stock_server():
    """Make a database with Odoo's own addons only; nothing serves it."""
    odoo = odoo_package.find_odoo()
    with postgres.running("test") as cluster, lock(STATE / "template.lock"):
        base = databases.ensure_base(odoo, cluster)
        live = LiveServer("stock", base)
    try:
        yield live
    finally:
        live.close()


@pytest.fixture(autouse=True)
def _server_warns_not(request):
    """Fail a test during which our addons logged an unexpected warning on the server."""
    live = request.getfixturevalue("server") if "server" in request.fixturenames else None
    if live:
        live.new_trouble()
    yield
    trouble = live.new_trouble() if live else []
    assert not trouble, f"unexpected lines in {live.log}:\n" + "\n".join(trouble)


@pytest.fixture(scope="session")
def browser():
    """Start Debian's Chromium once."""
    program = shutil.which("chromium")
    if not program:
        pytest.skip("chromium is not installed")
    from playwright.sync_api import sync_playwright

    # where Chromium is unpacked, Playwright's own program finds what it lacks beside it
    with unittest.mock.patch.dict(os.environ, programs.variables("chromium")):
        playwright = sync_playwright().start()
    try:
        chromium = playwright.chromium.launch(executable_path=program, args=list(CHROMIUM))
        yield chromium
        chromium.close()
    finally:
        playwright.stop()


@pytest.fixture
def new_page(request, server, browser):
    """Return a function that opens a page in a browser session of its own; they close with the test.

    ``page.problems`` collects the console's errors and uncaught exceptions; a failing test leaves screenshots.
    """
    pages = []

    def open_page(**options):
        options = {"viewport": {"width": 1400, "height": 900}, "locale": "en-US", **options}
        opened = browser.new_context(base_url=server.base_url, **options).new_page()
        opened.problems, opened.database = [], server.database
        opened.on("console", lambda m: opened.problems.append(m.text) if m.type == "error" else None)
        opened.on("pageerror", lambda error: opened.problems.append(str(error)))
        pages.append(opened)
        return opened

    failed_before = request.session.testsfailed
    yield open_page
    for number, opened in enumerate(pages):
        if request.session.testsfailed > failed_before:
            with contextlib.suppress(Exception):
                screenshot(opened, f"failed-{request.node.name}-{number}")
        opened.context.close()


@pytest.fixture
def page(new_page):
    """Open one page."""
    return new_page()


def login(page, login="admin", password=None, path="/odoo"):
    """Log a page in and open a path of the web client.

    :param password: the login itself unless given
    """
    params = {"db": page.database, "login": login, "password": password or login}
    answer = page.request.post("/web/session/authenticate", data={"jsonrpc": "2.0", "params": params}).json()
    assert "result" in answer, answer["error"]["data"]["message"]
    page.goto(path)
    page.wait_for_selector(".o_web_client, #wrapwrap")


def screenshot(page, name):
    """Keep a picture of a page below .dev/screenshots and return its path."""
    safe = re.sub(r"[^\w.-]+", "_", name)
    path = STATE / f"screenshots/{safe}.png"
    page.screenshot(path=path)
    return path
